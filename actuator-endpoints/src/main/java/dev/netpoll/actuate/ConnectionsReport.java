// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.context.CancelCause;
import dev.netpoll.tomcat.ConnectionSnapshot;
import dev.netpoll.tomcat.ConnectionState;
import dev.netpoll.tomcat.NetpollHttp11Protocol;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The connections section of the endpoint. Neither headers nor path parameters are in it, nor query strings unless asked for.
 *
 * @param open how many there are in all
 * @param shown how many of those are listed
 * @param connections the oldest first
 */
public record ConnectionsReport(int open, int shown, List<Row> connections)
        implements OperationResponseBody {

    static final int DEFAULT_LIMIT = 100;
    private static final int MOST = 10_000;

    /**
     * A connection. Null components are left out.
     *
     * @param id its id, as in logs and traces
     * @param fd its descriptor's number
     * @param loop its loop's number
     * @param state idle, header, serving, reading, writing, async or upgraded
     * @param ageMillis how long ago it was accepted
     * @param received bytes
     * @param sent bytes
     * @param remote the peer's address and port
     * @param tls the version of TLS and its cipher suite
     * @param protocol h2 or h2c; left out for HTTP/1.1
     * @param streams how many streams of HTTP/2 are open
     * @param request method and path of the request under way, the oldest of several; its query string only if asked for
     * @param deadlineLeftMillis how long that request still has
     * @param cancelled what ended its context early
     * @param waitsFor what is waited for: read, write, or idle for the next request, on the connection; the
     *     peer of an outbound socket, sleep, lock, future, queue, connection pool by the thread that serves it
     * @param waitingMillis for how long; null where that is not known
     */
    public record Row(
            String id,
            int fd,
            int loop,
            String state,
            double ageMillis,
            long received,
            long sent,
            @Nullable String remote,
            @Nullable String tls,
            @Nullable String protocol,
            @Nullable Integer streams,
            @Nullable String request,
            @Nullable Double deadlineLeftMillis,
            @Nullable String cancelled,
            @Nullable String waitsFor,
            @Nullable Double waitingMillis) {}

    static ConnectionsReport of(
            List<NetpollHttp11Protocol> protocols,
            @Nullable String state,
            @Nullable Integer limit) {
        ConnectionState wanted = state == null ? null : parse(state);
        int most = limit == null ? DEFAULT_LIMIT : limit;
        if (most < 0 || most > MOST) {
            throw new InvalidEndpointRequestException(
                    "limit is from 0 to " + MOST + ", and not " + most, "Invalid limit");
        }
        List<Row> rows =
                protocols.stream()
                        .flatMap(protocol -> protocol.connections(wanted, most).stream())
                        .sorted(Comparator.comparing(ConnectionSnapshot::age).reversed())
                        .limit(most)
                        .map(ConnectionsReport::row)
                        .toList();
        int open = protocols.stream().mapToInt(protocol -> protocol.statistics().open()).sum();
        return new ConnectionsReport(open, rows.size(), rows);
    }

    private static ConnectionState parse(String state) {
        return Arrays.stream(ConnectionState.values())
                .filter(known -> known.tag().equals(state))
                .findAny()
                .orElseThrow(() -> new InvalidEndpointRequestException(known(), "Invalid state"));
    }

    private static String known() {
        return "state is one of "
                + Arrays.stream(ConnectionState.values())
                        .map(ConnectionState::tag)
                        .collect(Collectors.joining(", "));
    }

    private static Row row(ConnectionSnapshot seen) {
        CancelCause cancelled = seen.cancelled();
        return new Row(
                seen.id(),
                seen.fd(),
                seen.loop(),
                seen.state().tag(),
                Millis.of(seen.age()),
                seen.received(),
                seen.sent(),
                seen.remote(),
                seen.tls(),
                seen.protocol(),
                seen.streams(),
                seen.request(),
                seen.deadlineLeft() == null ? null : Millis.of(seen.deadlineLeft()),
                cancelled == null ? null : cancelled.origin().message(),
                seen.waitsFor(),
                seen.waiting().isZero() ? null : Millis.of(seen.waiting()));
    }
}

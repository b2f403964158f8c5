// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.tomcat.NetpollHttp11Protocol;
import dev.netpoll.web.AdmissionControl;
import dev.netpoll.web.RequestContexts;

import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The sources of the endpoint, the meters and the health of one application.
 *
 * @param servers whose connectors are shown
 * @param reasons why a connector was not put on the engine; null when that is not known
 * @param contexts requests' contexts; null where they have none
 * @param overdue where overdue work is known; null where it is not
 * @param admission what limits requests; null for nothing
 * @param observation how requests are observed; null where they are not, by us
 */
public record NetpollSources(
        RunningServers servers,
        Function<Connector, @Nullable String> reasons,
        @Nullable RequestContexts contexts,
        @Nullable OverdueWatch overdue,
        @Nullable AdmissionControl admission,
        Supplier<@Nullable String> observation) {

    /** The connectors on the engine, the application's first one first. */
    List<NetpollHttp11Protocol> protocols() {
        List<NetpollHttp11Protocol> ours = new ArrayList<>();
        for (Connector connector : servers.connectors()) {
            if (connector.getProtocolHandler() instanceof NetpollHttp11Protocol protocol) {
                ours.add(protocol);
            }
        }
        return ours;
    }

    /** What they and the engines under them add up to, now. */
    EngineTotals totals() {
        return EngineTotals.of(protocols());
    }
}

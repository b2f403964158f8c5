// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;
import static dev.netpoll.testsupport.Bounded.until;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.observation.ObservationMode;

import org.springframework.context.ConfigurableApplicationContext;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Two applications that get the same requests: one is observed by Spring's filter, one by ours. */
final class WatchedPair implements AutoCloseable {

    private final WatchedTraffic traffic = new WatchedTraffic();
    private final List<ConfigurableApplicationContext> both = new ArrayList<>();

    /** Starts them, with what {@code more} adds to each. */
    WatchedPair(Class<?> more, String... properties) {
        both.add(
                WatchedApplication.run(
                        more,
                        Stream.concat(
                                Stream.of(
                                        "--spring.autoconfigure.exclude="
                                                + NetpollObservationAutoConfiguration.class
                                                        .getName()),
                                Stream.of(properties))));
        both.add(WatchedApplication.run(more, Stream.of(properties)));
        assertThat(ours().getBean(ObservationMode.class)).hasToString("fast");
        assertThat(springs().getBeansOfType(ObservationMode.class)).isEmpty();
    }

    ConfigurableApplicationContext springs() {
        return both.getFirst();
    }

    ConfigurableApplicationContext ours() {
        return both.getLast();
    }

    void each(Consumer<ConfigurableApplicationContext> action) {
        both.forEach(action);
    }

    static int port(ConfigurableApplicationContext context) {
        return ObservedApplication.port(context);
    }

    /** Sends the request to both, which answer the same. */
    void send(WatchedTraffic.Asked asked) throws Exception {
        assertThat(traffic.send(port(ours()), asked))
                .as("what %s showed", asked)
                .isEqualTo(traffic.send(port(springs()), asked));
    }

    void sendAll(List<WatchedTraffic.Asked> all) throws Exception {
        for (WatchedTraffic.Asked asked : all) {
            send(asked);
        }
    }

    /** Once what follows a response has been done: the span's end is the last of it. */
    void assertSame() throws Exception {
        eventually(() -> active(ours()) + active(springs()), active -> active == 0);
        List<String> spans = Watched.spans(springs());
        until(() -> Watched.spans(ours()).size() >= spans.size(), () -> Watched.spans(ours()));
        assertSame(Watched.spans(ours()), spans);
        // A request that times out is stopped twice, the second time after its response.
        until(() -> Watched.meters(ours()).equals(Watched.meters(springs())), this::difference);
        assertThat(ours().getBean(ObservationMode.class)).hasToString("fast");
    }

    private String difference() {
        List<String> mine = lines(ours());
        List<String> theirs = lines(springs());
        return "only with our filter: %s; only with Spring's: %s"
                .formatted(without(mine, theirs), without(theirs, mine));
    }

    private static List<String> lines(ConfigurableApplicationContext context) {
        return Watched.meters(context).entrySet().stream().map(Object::toString).toList();
    }

    /** In any order; tells no more than what differs. */
    static void assertSame(List<String> ours, List<String> springs) {
        assertThat(without(ours, springs))
                .as("only with our filter; only with Spring's: %s", without(springs, ours))
                .isEmpty();
        assertThat(without(springs, ours)).as("only with Spring's filter").isEmpty();
    }

    private static List<String> without(List<String> all, List<String> others) {
        List<String> left = new ArrayList<>(all);
        others.forEach(left::remove);
        return left.stream().distinct().toList();
    }

    private static long active(ConfigurableApplicationContext context) {
        return Watched.meters(context).entrySet().stream()
                .filter(each -> each.getKey().startsWith("LONG_TASK_TIMER"))
                .mapToLong(each -> Long.parseLong(each.getValue().split(" ")[0]))
                .sum();
    }

    @Override
    public void close() {
        both.forEach(ConfigurableApplicationContext::close);
    }
}

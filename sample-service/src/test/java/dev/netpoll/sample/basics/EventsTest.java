// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;
import java.util.stream.Stream;

class EventsTest extends ServiceTest {

    @Test
    void everyEventComesInOrderAndThenTheStreamEnds() throws Exception {
        HttpResponse<String> answer = get("/events?count=3&intervalMs=1");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(answer.body())
                .isEqualTo(
                        """
                        id:1
                        data:event 1

                        id:2
                        data:event 2

                        id:3
                        data:event 3

                        """);
    }

    @Test
    void anEventIsSentBeforeTheNextIsDue() throws Exception {
        // The second event is due long after the bound: the first can't have waited for it.
        HttpResponse<Stream<String>> answer =
                client.send(
                        request("/events?count=2&intervalMs=600000").build(),
                        BodyHandlers.ofLines());
        try (Stream<String> lines = answer.body()) {
            Iterator<String> each = lines.iterator();
            assertThat(each.next()).isEqualTo("id:1");
            assertThat(each.next()).isEqualTo("data:event 1");
        }
    }
}

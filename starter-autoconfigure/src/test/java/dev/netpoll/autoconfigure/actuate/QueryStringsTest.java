// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** Query strings can be secrets: they are seen by who asks for them, and path parameters by nobody. */
class QueryStringsTest {

    private static final String CONNECTIONS = "/actuator/netpoll/connections?state=serving";

    private ConfigurableApplicationContext context;

    @AfterEach
    void close() {
        context.getBean(ObservedApplication.Handlers.class).open("asked");
        context.close();
    }

    @Test
    void aRequestIsShownWithoutItsQueryString() throws Exception {
        context = ObservedApplication.run();

        assertThat(shown()).contains("\"GET /gate/asked\"").doesNotContain("token", "session");
    }

    @Test
    void withItWhereTheApplicationAsksForIt() throws Exception {
        context = ObservedApplication.run("--netpoll.context.query-strings=true");

        assertThat(shown())
                .contains("\"GET /gate/asked?token=1&next=2\"")
                .doesNotContain("session");
    }

    private String shown() throws Exception {
        int port = ObservedApplication.port(context);
        try (Wire _ = Wire.to(port).get("/gate/asked;session=1?token=1&next=2")) {
            return eventually(
                    () -> Wire.get(port, CONNECTIONS).body(), body -> body.contains("/gate/asked"));
        }
    }
}

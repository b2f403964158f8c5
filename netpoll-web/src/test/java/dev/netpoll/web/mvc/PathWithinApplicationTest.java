// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.server.PathContainer;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.util.pattern.PathPatternParser;

import java.time.Duration;
import java.util.List;

/** The path that rules are for, whatever a client writes there. */
class PathWithinApplicationTest {

    private static MockHttpServletRequest request(@Nullable String uri) {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "");
        request.setRequestURI(uri);
        return request;
    }

    private static @Nullable String path(MockHttpServletRequest request) {
        PathContainer path = PathWithinApplication.of(request);
        return path == null ? null : path.value();
    }

    @Test
    void itIsWhatFollowsTheContextPath() {
        MockHttpServletRequest request = request("/app/orders/7;a=b");
        request.setContextPath("/app");

        assertThat(path(request)).isEqualTo("/orders/7;a=b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/orders;a=%zz/7",
                "/orders;%/7;%",
                "/orders;a=%4/7;=;",
                "/orders;\u0000%/7"
            })
    void withoutParametersWhereTheyDoNotDecode(String uri) {
        assertThat(path(request(uri))).isEqualTo("/orders/7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%zz", "/%", "/%zz;a=b"})
    void noneWhereItDoesNotDecode(String uri) {
        assertThat(path(request(uri))).isNull();
    }

    @Test
    void noneWhereThereIsNone() {
        assertThat(path(request(null))).isNull();
    }

    @Test
    void aRuleHoldsWhateverItsPathsParametersAre() {
        DeadlineRules rules =
                new DeadlineRules(
                        Duration.ofHours(1),
                        List.of(
                                new DeadlineRules.Rule(
                                        PathPatternParser.defaultInstance.parse("/orders/{id}"),
                                        null,
                                        Duration.ofSeconds(2))));

        assertThat(rules.limit(request("/orders/7;a=%zz"))).isEqualTo(Duration.ofSeconds(2));
        assertThat(rules.limit(request("/%zz"))).isEqualTo(Duration.ofHours(1));
        assertThat(rules.limit(request(null))).isEqualTo(Duration.ofHours(1));
    }
}

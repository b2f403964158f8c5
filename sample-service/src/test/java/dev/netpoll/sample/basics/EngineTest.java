// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.http.HttpResponse;

class EngineTest extends ServiceTest {

    @Test
    void theServiceRunsOnTheEngineAndItsLoopsCarryTheThreads() throws Exception {
        HttpResponse<String> answer = get("/actuator/netpoll");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"engine\":\"epoll\"", "\"carriers\":\"loop\"");
        assertThat(answer.body()).doesNotContain("\"reason\"");
    }
}

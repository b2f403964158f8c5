// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.http.HttpResponse;
import java.util.function.Consumer;

class ShortAnswersTest extends ServiceTest {

    @Test
    void helloIsPlainText() throws Exception {
        HttpResponse<String> answer = get("/hello");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(isA("text/plain"));
        assertThat(answer.body()).isEqualTo("Hello, World!");
    }

    @Test
    void jsonIsJson() throws Exception {
        HttpResponse<String> answer = get("/json");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.body()).isEqualTo("{\"message\":\"Hello, World!\"}");
    }

    @Test
    void healthIsUp() throws Exception {
        HttpResponse<String> answer = get("/actuator/health");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"status\":\"UP\"");
    }

    private static Consumer<String> isA(String type) {
        return value -> assertThat(value).startsWith(type);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

class BadInputTest extends ServiceTest {

    @ParameterizedTest
    @CsvSource({
        "/sleep?ms=-1, ms",
        "/sleep?ms=abc, ms",
        "/sleep?ms=, ms",
        "/sleep, ms",
        "/sleep?ms=99999999999999999999, ms",
        "/sleep?ms=600001, ms",
        "/spin?ms=-5, ms",
        "/spin?ms=1.5, ms",
        "/spin?ms=60001, ms",
        "/download?mb=-1, mb",
        "/download?mb=lots, mb",
        "/events?count=0, count",
        "/events?count=-1, count",
        "/events?count=3&intervalMs=-1, intervalMs",
        "/events?count=3&intervalMs=soon, intervalMs",
    })
    void aWrongParameterIsAProblemThatNamesIt(String path, String parameter) throws Exception {
        HttpResponse<String> answer = get(path);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        assertThat(answer.body()).contains("\"status\":400").contains("'" + parameter + "'");
    }

    @ParameterizedTest
    @CsvSource({"/sleep?ms=-1", "/sleep?ms=abc"})
    void aClientThatAsksForPlainTextStillLearnsWhatWasWrong(String path) throws Exception {
        HttpResponse<String> answer =
                client.send(
                        request(path).header("Accept", "text/plain").build(),
                        BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
    }

    @Test
    void anUnknownPathIsAProblemToo() throws Exception {
        HttpResponse<String> answer = get("/none");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
    }

    @Test
    void aWrongMethodIsAProblemToo() throws Exception {
        HttpResponse<String> answer =
                client.send(
                        request("/hello").POST(BodyPublishers.noBody()).build(),
                        BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
    }
}

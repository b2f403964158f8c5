// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.test.ManualRuntime;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

import java.time.Duration;

class DeadlineHeaderTest {

    private static final String OURS = "x-request-timeout-ms";

    private final ManualRuntime time = new ManualRuntime();
    private final HttpHeaders headers = new HttpHeaders();

    private String written(String name, CancelContext context) {
        DeadlineHeader.write(name, context, headers);
        return headers.getFirst(name);
    }

    @Test
    void whatIsLeftIsRoundedDownToMilliseconds() {
        try (CancelScope scope = time.background().withTimeout(Duration.ofNanos(1_999_999))) {
            assertThat(written(OURS, scope)).isEqualTo("1");
        }
    }

    @Test
    void timeThatHasPassedIsNotGivenAgain() {
        try (CancelScope scope = time.background().withTimeout(Duration.ofSeconds(2))) {
            time.advance(Duration.ofMillis(1_500));
            assertThat(written(OURS, scope)).isEqualTo("500");
        }
    }

    @Test
    void withoutADeadlineThereIsNoHeader() {
        assertThat(written(OURS, time.background())).isNull();
    }

    @Test
    void aHeaderThatAllowsLessIsLeft() {
        try (CancelScope scope = time.background().withTimeout(Duration.ofSeconds(2))) {
            headers.set(OURS, "100");
            assertThat(written(OURS, scope)).isEqualTo("100");
        }
    }

    @Test
    void aHeaderThatAllowsMoreOrSaysNothingIsReplaced() {
        try (CancelScope scope = time.background().withTimeout(Duration.ofSeconds(2))) {
            headers.set(OURS, "100000");
            assertThat(written(OURS, scope)).isEqualTo("2000");
            headers.set(OURS, "soon");
            assertThat(written(OURS, scope)).isEqualTo("2000");
        }
    }

    /** Servers of this project ignore it, others may take it for no time at all. */
    @ParameterizedTest
    @ValueSource(strings = {"-5", "+5", "-0", "\u0665", "", "5.0"})
    void aHeaderThatIsNoNumberOfMillisecondsIsReplaced(String said) {
        try (CancelScope scope = time.background().withTimeout(Duration.ofSeconds(2))) {
            headers.set(OURS, said);
            assertThat(written(OURS, scope)).isEqualTo("2000");
        }
    }

    @Test
    void grpcHasAFormatOfItsOwn() {
        assertThat(DeadlineHeader.grpc(Duration.ofMillis(2_500))).isEqualTo("2500000u");
        assertThat(DeadlineHeader.grpc(Duration.ofMinutes(10))).isEqualTo("600000m");
        assertThat(DeadlineHeader.grpc(Duration.ofDays(3))).isEqualTo("259200S");
        assertThat(DeadlineHeader.grpc(Duration.ofDays(146 * 365))).isEqualTo("99999999S");
        assertThat(DeadlineHeader.grpc(Duration.ZERO)).isEqualTo("0u");
    }

    @Test
    void grpcsHeaderIsWrittenInIt() {
        try (CancelScope scope = time.background().withTimeout(Duration.ofSeconds(2))) {
            assertThat(written("grpc-timeout", scope)).isEqualTo("2000000u");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.catalina.connector.Request;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;

/** What callers' deadline headers say, and that what is none is counted and otherwise ignored. */
class DeadlineHeadersTest {

    private static final String GRPC = DeadlineHeaders.GRPC_TIMEOUT;
    private static final String MILLIS = DeadlineHeaders.ENVOY_TIMEOUT;

    private final DeadlineHeaders headers = new DeadlineHeaders(List.of(GRPC, MILLIS));

    private @Nullable Duration limit(String... namesAndValues) {
        org.apache.coyote.Request coyote = new org.apache.coyote.Request();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            coyote.getMimeHeaders().addValue(namesAndValues[i]).setString(namesAndValues[i + 1]);
        }
        return headers.limit(new Request(null, coyote));
    }

    @ParameterizedTest
    @CsvSource({
        "1H, PT1H",
        "2M, PT2M",
        "3S, PT3S",
        "4m, PT0.004S",
        "5u, PT0.000005S",
        "6n, PT0.000000006S",
        "0u, PT0S",
        "00000001m, PT0.001S",
        "99999999H, PT99999999H",
        "99999999u, PT99.999999S"
    })
    void grpcsTimeoutHasUpToEightDigitsAndAUnit(String value, Duration meant) {
        assertThat(limit(GRPC, value)).isEqualTo(meant);
        assertThat(headers.unparsable()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "m",
                "1",
                "-1m",
                "+1m",
                "-0m",
                "123456789m",
                "1 m",
                "1x",
                "1ms",
                "1mm",
                "1.5S",
                "0x1m",
                "1,000m",
                "abc",
                "\u0661m",
                "\uff11m",
                "1\u00b5",
                "m1",
                "1m, 2m",
                "--1m",
                "1h",
                "1s"
            })
    void whatIsNoGrpcTimeoutIsIgnoredAndCounted(String value) {
        assertThat(limit(GRPC, value)).isNull();
        assertThat(headers.unparsable()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "1, PT0.001S",
        "00250, PT0.25S",
        "9223372036854775807, PT2562047788015H12M55.807S"
    })
    void othersAreMilliseconds(String value, Duration meant) {
        assertThat(limit(MILLIS, value)).isEqualTo(meant);
        assertThat(headers.unparsable()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "+1",
                "-0",
                "9223372036854775808",
                "99999999999999999999",
                "1.5",
                "1e3",
                "0x10",
                "1 0",
                "10ms",
                "abc",
                "\u0661\u0662",
                "\uff11",
                "1, 2",
                "-9223372036854775808"
            })
    void whatIsNoNumberOfMillisecondsIsIgnoredAndCounted(String value) {
        assertThat(limit(MILLIS, value)).isNull();
        assertThat(headers.unparsable()).isEqualTo(1);
    }

    @Test
    void anInvalidOneDoesNotHideAValidOne() {
        assertThat(limit(GRPC, "-1m", MILLIS, "70")).isEqualTo(Duration.ofMillis(70));
        assertThat(limit(GRPC, "50m", MILLIS, "-70")).isEqualTo(Duration.ofMillis(50));
        assertThat(headers.unparsable()).isEqualTo(2);
    }

    @Test
    void blanksAroundAValueMeanNothing() {
        assertThat(limit(GRPC, " 1m\t")).isEqualTo(Duration.ofMillis(1));
        assertThat(limit(MILLIS, "\t1 ")).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void theShortestCounts() {
        assertThat(limit(GRPC, "1S", MILLIS, "70")).isEqualTo(Duration.ofMillis(70));
        assertThat(limit(GRPC, "1m", MILLIS, "70")).isEqualTo(Duration.ofMillis(1));
        assertThat(limit()).isNull();
    }
}

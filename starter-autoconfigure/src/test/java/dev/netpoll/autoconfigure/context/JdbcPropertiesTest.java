// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.jdbc.JdbcSettings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import java.time.Duration;

class JdbcPropertiesTest {

    private final ApplicationContextRunner application =
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(NetpollJdbcAutoConfiguration.class));

    @Test
    void theDefaultsAreTheLibrarys() {
        application.run(
                context ->
                        assertThat(context.getBean(JdbcSettings.class))
                                .isEqualTo(JdbcSettings.DEFAULTS));
    }

    @Test
    void eachPropertySetsWhatItSays() {
        application
                .withPropertyValues(
                        "netpoll.jdbc.cancel-grace=7s",
                        "netpoll.jdbc.cancel-resend-after=8ms",
                        "netpoll.jdbc.query-timeout=false")
                .run(
                        context ->
                                assertThat(context.getBean(JdbcSettings.class))
                                        .isEqualTo(
                                                new JdbcSettings(
                                                        Duration.ofMillis(8),
                                                        Duration.ofSeconds(7),
                                                        false)));
    }

    @ParameterizedTest
    @CsvSource({"cancel-grace=-2s, PT-2S", "cancel-grace=0, PT0S", "cancel-resend-after=0ms, PT0S"})
    void aTimeThatIsNotPositiveIsRefused(String property, String was) {
        String name = "netpoll.jdbc." + property.substring(0, property.indexOf('='));
        application
                .withPropertyValues("netpoll.jdbc." + property)
                .run(
                        context ->
                                assertThat(context)
                                        .getFailure()
                                        .rootCause()
                                        .hasMessage(
                                                "'"
                                                        + name
                                                        + "' must be greater than zero, was "
                                                        + was));
    }

    @Test
    void settingsOfTheApplicationsOwnHaveTheirSay() {
        JdbcSettings own = new JdbcSettings(Duration.ofMillis(1), Duration.ofMinutes(1), false);
        application
                .withPropertyValues("netpoll.jdbc.cancel-grace=7s")
                .withBean(JdbcSettings.class, () -> own)
                .run(context -> assertThat(context.getBean(JdbcSettings.class)).isSameAs(own));
    }
}

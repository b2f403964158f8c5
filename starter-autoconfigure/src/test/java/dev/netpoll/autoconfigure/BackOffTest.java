// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.autoconfigure.context.NetpollContextAutoConfiguration;
import dev.netpoll.autoconfigure.context.NetpollResilience4jAutoConfiguration;
import dev.netpoll.context.spring.BackgroundContexts;
import dev.netpoll.context.task.OverdueWatch;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import java.time.Duration;

/** An application's own bean takes the place of the starter's: by its type, or by its name. */
class BackOffTest {

    private static final String BY_NAME = "netpollRetries";

    private final ApplicationContextRunner app =
            new ApplicationContextRunner()
                    .withConfiguration(
                            AutoConfigurations.of(
                                    NetpollContextAutoConfiguration.class,
                                    NetpollResilience4jAutoConfiguration.class));

    private final OverdueWatch own =
            OverdueWatch.logging(
                    new OverdueWatch.Settings(Duration.ofSeconds(1), Duration.ofSeconds(1)));

    @Test
    void aBeanOfTheTypeTakesThePlaceOfTheStarters() {
        app.withBean("own", OverdueWatch.class, () -> own)
                .run(
                        context -> {
                            assertThat(context).getBean(OverdueWatch.class).isSameAs(own);
                            assertThat(context).doesNotHaveBean("netpollOverdueWatch");
                        });
    }

    @Test
    void aBeanOfTheNameTakesThePlaceOfTheStartersAndOneOfTheTypeDoesNot() {
        BeanPostProcessor processor = new BeanPostProcessor() {};
        app.withBean("other", BeanPostProcessor.class, () -> processor)
                .run(context -> assertThat(context).getBean(BY_NAME).isNotSameAs(processor));
        app.withBean(BY_NAME, BeanPostProcessor.class, () -> processor)
                .run(context -> assertThat(context).getBean(BY_NAME).isSameAs(processor));
    }

    @Test
    void aParentsBeanTakesNoPlaceInTheChild() {
        app.run(
                parent ->
                        app.withParent(parent)
                                .run(
                                        child ->
                                                assertThat(child.getBean(BackgroundContexts.class))
                                                        .isNotSameAs(
                                                                parent.getBean(
                                                                        BackgroundContexts
                                                                                .class))));
    }
}

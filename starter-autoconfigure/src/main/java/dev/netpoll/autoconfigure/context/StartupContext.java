// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.spring.BackgroundBinding;

import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Binds a background context around the application's runners, which Boot calls between two events on
 * the thread that starts it. That thread only.
 */
@Order(Ordered.LOWEST_PRECEDENCE)
final class StartupContext implements ApplicationListener<SpringApplicationEvent> {

    private final ApplicationContext application;
    private final BackgroundBinding background;

    StartupContext(ApplicationContext application, BackgroundBinding background) {
        this.application = application;
        this.background = background;
    }

    @Override
    public void onApplicationEvent(SpringApplicationEvent event) {
        // A child's events come here too, and the child has a background of its own.
        switch (event) {
            case ApplicationStartedEvent e when e.getApplicationContext() == application ->
                    background.open();
            case ApplicationReadyEvent e when e.getApplicationContext() == application ->
                    background.close();
            case ApplicationFailedEvent e when e.getApplicationContext() == application ->
                    background.close();
            default -> {}
        }
    }
}

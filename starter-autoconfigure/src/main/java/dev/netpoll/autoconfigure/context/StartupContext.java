// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.spring.BackgroundContexts;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Binds a background context around the application's runners, which Boot calls between two events on
 * the thread that starts it. That thread only.
 */
final class StartupContext implements ApplicationListener<SpringApplicationEvent>, Ordered {

    private final ApplicationContext application;
    private final BackgroundContexts background;

    private @Nullable Binding binding;
    private @Nullable InterruptScope interrupts;

    StartupContext(ApplicationContext application, BackgroundContexts background) {
        this.application = application;
        this.background = background;
    }

    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }

    @Override
    public void onApplicationEvent(SpringApplicationEvent event) {
        // A child's events come here too, and the child has a background of its own.
        switch (event) {
            case ApplicationStartedEvent e when e.getApplicationContext() == application -> open();
            case ApplicationReadyEvent e when e.getApplicationContext() == application -> close();
            case ApplicationFailedEvent e when e.getApplicationContext() == application -> close();
            default -> {}
        }
    }

    private void open() {
        if (binding == null) {
            CancelContext root = background.root();
            binding = root.bind();
            interrupts = InterruptScope.openByPolicy(root);
        }
    }

    private void close() {
        Binding bound = binding;
        InterruptScope interrupting = interrupts;
        if (bound != null && interrupting != null) {
            interrupting.close();
            bound.close();
            binding = null;
            interrupts = null;
        }
    }
}

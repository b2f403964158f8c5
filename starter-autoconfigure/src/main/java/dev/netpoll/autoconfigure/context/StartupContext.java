package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.Binding;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.spring.BackgroundContexts;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Binds a background context around the application's runners, which Boot calls between two events on
 * the thread that starts it. That thread only.
 */
final class StartupContext implements ApplicationListener<SpringApplicationEvent>, Ordered {

    private final BackgroundContexts background;

    private @Nullable Binding binding;
    private @Nullable InterruptScope interrupts;

    StartupContext(BackgroundContexts background) {
        this.background = background;
    }

    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }

    @Override
    public void onApplicationEvent(SpringApplicationEvent event) {
        switch (event) {
            case ApplicationStartedEvent _ -> open();
            case ApplicationReadyEvent _ -> close();
            case ApplicationFailedEvent _ -> close();
            default -> {}
        }
    }

    private void open() {
        if (binding == null) {
            binding = background.root().bind();
            interrupts = InterruptScope.open(background.root());
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

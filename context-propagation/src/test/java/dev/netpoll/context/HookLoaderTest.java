// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.context.task.WatchedTask;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The context class loader of what runs after a context's end. {@code ServiceLoader} goes by it, and in
 * an executable jar no other loader has the application's classes.
 */
class HookLoaderTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final Thread thread = Thread.currentThread();
    private final ClassLoader before = thread.getContextClassLoader();
    private final ClassLoader application =
            new URLClassLoader("application", new URL[0], HookLoaderTest.class.getClassLoader());

    private final ManualRuntime time = new ManualRuntime();
    private final List<ClassLoader> seen = new ArrayList<>();

    @BeforeEach
    void beAnApplicationsThread() {
        thread.setContextClassLoader(application);
    }

    @AfterEach
    void beTheTestsThreadAgain() {
        thread.setContextClassLoader(before);
    }

    private void look(Object ignored) {
        seen.add(Thread.currentThread().getContextClassLoader());
    }

    /** As the timer's thread does, which has no context class loader. */
    private void letItExpire() {
        Thread timer =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    Thread.currentThread().setContextClassLoader(null);
                                    time.advance(TIMEOUT);
                                });
        Bounded.join(timer);
    }

    @Test
    void aHookFiredByADeadlineHasTheLoaderOfItsRegistration() {
        CancelScope scope = time.background().withTimeout(TIMEOUT);
        scope.onCancel(this::look);
        letItExpire();
        assertThat(seen).containsExactly(application);
    }

    @Test
    void anInlineHookFiredByADeadlineHasTheLoaderOfItsRegistration() {
        CancelScope scope = time.background().withTimeout(TIMEOUT);
        scope.onCancelInline(this::look);
        letItExpire();
        assertThat(seen).containsExactly(application);
    }

    @Test
    void anOwnerToldOfADeadlineHasTheLoaderOfItsRegistration() {
        Consumer<CancelCause> owner = this::look;
        Deadline deadline = Deadline.after(TIMEOUT, time);
        CancelScope scope = time.background().withDeadline(deadline, "a test", owner);
        letItExpire();
        assertThat(scope.isCancelled()).isTrue();
        assertThat(seen).containsExactly(application);
    }

    @Test
    void aListenerOfOverdueWorkHasTheLoaderOfItsRegistration() {
        var settings = new OverdueWatch.Settings(Duration.ZERO, TIMEOUT);
        var watch = new OverdueWatch(settings, time, this::look);
        CancelScope scope = time.background().withTimeout(TIMEOUT);
        try (WatchedTask _ = watch.watch(scope, "late")) {
            letItExpire();
            assertThat(seen).containsExactly(application);
        }
    }

    @Test
    void aThreadThatEndsAContextKeepsItsOwnLoader() {
        CancelScope scope = time.background().withCancel();
        scope.onCancelInline(this::look);
        thread.setContextClassLoader(before);
        scope.cancel();
        assertThat(seen).containsExactly(application);
        assertThat(thread.getContextClassLoader()).isSameAs(before);
    }
}

package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Looks until what must come has come. */
final class Eventually {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final long LOOK_NANOS = 2_000_000;

    private Eventually() {}

    static <T> T eventually(Callable<T> look, Predicate<T> wanted) throws Exception {
        long giveUp = System.nanoTime() + BOUND.toNanos();
        T seen = look.call();
        while (!wanted.test(seen)) {
            assertThat(System.nanoTime()).as("waited in vain, at %s", seen).isLessThan(giveUp);
            LockSupport.parkNanos(LOOK_NANOS);
            seen = look.call();
        }
        return seen;
    }
}

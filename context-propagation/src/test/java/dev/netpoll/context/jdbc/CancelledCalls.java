// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.Operation;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.FutureTask;

/** What tests of cancelled calls share: a scripted driver, a query that runs, a context to end. */
abstract class CancelledCalls {

    static final Duration HOUR = FakeDriver.HOUR;
    static final Duration MILLI = Duration.ofMillis(1);

    final FakeDriver driver = new FakeDriver();
    final RunningQuery query = new RunningQuery();
    final CancelScope scope = CancelContext.background().withCancel();

    @AfterEach
    void nothingIsLeftBehind() {
        scope.close();
        assertThat(Thread.interrupted()).as("an interrupt leaked into the test's thread").isFalse();
    }

    /** Runs it on a virtual thread under the scope. */
    final <T> FutureTask<T> fork(Operation<T, SQLException> work) {
        return Bounded.fork(() -> scope.call(work));
    }

    /** What it failed with. */
    static Throwable failure(FutureTask<?> work) {
        return catchThrowable(() -> Bounded.get(work)).getCause();
    }

    final Object cancelIt() {
        query.cancelled();
        return null;
    }

    static boolean isIn(Thread thread, String method) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getMethodName().equals(method)) {
                return true;
            }
        }
        return false;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.testsupport.Bounded;

import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;

/**
 * A query of a {@link FakeDriver} that runs until the test, or a cancel, ends it. An interrupt ends it
 * too, and breaks the connection, as it does on a virtual thread in socket I/O.
 */
final class RunningQuery implements FakeDriver.Body {

    private final CountDownLatch began = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile SQLException failure;
    private volatile Thread thread;

    @Override
    public Object run(Object... arguments) throws SQLException {
        thread = Thread.currentThread();
        began.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("Closed by interrupt", "08006");
        }
        if (failure != null) {
            throw failure;
        }
        return true;
    }

    RunningQuery awaitBegin() {
        Bounded.await(began);
        return this;
    }

    Thread thread() {
        return thread;
    }

    void finish() {
        ended.countDown();
    }

    void fail(SQLException how) {
        failure = how;
        ended.countDown();
    }

    void cancelled() {
        fail(new SQLException("canceling statement due to user request", "57014", 7));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicBoolean;

/** The table of {@link DeferredSend}, row by row. */
class DeferredSendTest {

    private final DeferredSend deferred = new DeferredSend();

    @Test
    void nothingIsTakenThatWasNotLeft() {
        assertThat(deferred.isNone()).isTrue();
        assertThat(deferred.tryTake()).isFalse();
        assertThat(deferred.takeOrAwait()).isFalse();
        assertThat(deferred.retract()).isFalse();
    }

    @Test
    void whatIsDueIsTakenOnce() {
        deferred.announce();
        assertThat(deferred.isNone()).isFalse();
        assertThat(deferred.tryTake()).isTrue();
        assertThat(deferred.tryTake()).isFalse();
        assertThat(deferred.isNone()).as("it is being sent").isFalse();
        deferred.done();
        assertThat(deferred.isNone()).isTrue();
    }

    @Test
    void theWriterTakesBackWhatNobodyHas() {
        deferred.announce();
        assertThat(deferred.retract()).isTrue();
        assertThat(deferred.isNone()).isTrue();
        deferred.announce();
        assertThat(deferred.tryTake()).isTrue();
        assertThat(deferred.retract()).isFalse();
    }

    @Test
    void whoComesSecondWaitsForTheFirst() throws Exception {
        deferred.announce();
        assertThat(deferred.tryTake()).isTrue();
        var took = new AtomicBoolean(true);
        Thread second = Thread.ofPlatform().daemon().start(() -> took.set(deferred.takeOrAwait()));
        deferred.done();
        Bounded.join(second);
        assertThat(took).as("it was left nothing").isFalse();
    }
}

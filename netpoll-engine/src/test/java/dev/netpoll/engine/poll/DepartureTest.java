package dev.netpoll.engine.poll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.Bounded;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicBoolean;

/** The table of {@link Departure}, row by row. */
class DepartureTest {

    private final Departure departure = new Departure();

    @Test
    void nothingIsTakenThatWasNotLeft() {
        assertThat(departure.isNone()).isTrue();
        assertThat(departure.tryTake()).isFalse();
        assertThat(departure.takeOrAwait()).isFalse();
        assertThat(departure.retract()).isFalse();
    }

    @Test
    void whatIsDueIsTakenOnce() {
        departure.announce();
        assertThat(departure.isNone()).isFalse();
        assertThat(departure.tryTake()).isTrue();
        assertThat(departure.tryTake()).isFalse();
        assertThat(departure.isNone()).as("it is being sent").isFalse();
        departure.done();
        assertThat(departure.isNone()).isTrue();
    }

    @Test
    void theWriterTakesBackWhatNobodyHas() {
        departure.announce();
        assertThat(departure.retract()).isTrue();
        assertThat(departure.isNone()).isTrue();
        departure.announce();
        assertThat(departure.tryTake()).isTrue();
        assertThat(departure.retract()).isFalse();
    }

    @Test
    void whoComesSecondWaitsForTheFirst() throws Exception {
        departure.announce();
        assertThat(departure.tryTake()).isTrue();
        var took = new AtomicBoolean(true);
        Thread second = Thread.ofPlatform().daemon().start(() -> took.set(departure.takeOrAwait()));
        departure.done();
        Bounded.join(second);
        assertThat(took).as("it was left nothing").isFalse();
    }
}

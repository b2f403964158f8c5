// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

class LatestFirstTest {

    private final LatestFirst stack = new LatestFirst();
    private final List<Integer> ran = new ArrayList<>();

    private void add(int... numbers) {
        for (int number : numbers) {
            stack.add(() -> ran.add(number));
        }
    }

    private void run(Supplier<Runnable> poll) {
        Runnable next = poll.get();
        assertThat(next).isNotNull();
        next.run();
    }

    @Test
    void theLatestComesFirst() {
        add(1, 2, 3);
        run(stack::pollLatest);
        add(4);
        run(stack::pollLatest);
        run(stack::pollLatest);
        run(stack::pollLatest);
        assertThat(ran).containsExactly(3, 4, 2, 1);
        assertThat(stack.pollLatest()).isNull();
    }

    @Test
    void theOldestCanBeTakenFromUnderTheOthers() {
        add(1, 2, 3, 4);
        run(stack::pollOldest);
        run(stack::pollOldest);
        assertThat(stack.size()).isEqualTo(2);
        add(5);
        run(stack::pollLatest);
        run(stack::pollOldest);
        run(stack::pollLatest);
        assertThat(ran).containsExactly(1, 2, 5, 3, 4);
        assertThat(stack.pollOldest()).isNull();
        assertThat(stack.pollLatest()).isNull();
    }

    @Test
    void itIsEmptyOnceAllAreTakenFromWhicheverEnd() {
        assertThat(stack.isEmpty()).isTrue();
        add(1, 2);
        run(stack::pollOldest);
        assertThat(stack.isEmpty()).isFalse();
        run(stack::pollOldest);
        assertThat(stack.isEmpty()).isTrue();
        assertThat(stack.size()).isZero();
        add(3);
        assertThat(stack.isEmpty()).isFalse();
        run(stack::pollLatest);
        assertThat(stack.isEmpty()).isTrue();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/** The row of attributes does what a map does. */
class AttributeTableTest {

    private final AttributeTable attributes = new AttributeTable();

    private Set<String> names() {
        Set<String> names = new HashSet<>();
        attributes.addNamesTo(names);
        return names;
    }

    @Test
    void itIsAMap() {
        Map<String, Object> model = new HashMap<>();
        Random random = new Random(7);
        for (int step = 0; step < 20_000; step++) {
            // "Aa" and "BB" have one hash, and so have all strings of such pairs.
            String name = (random.nextBoolean() ? "Aa" : "BB") + random.nextInt(30);
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    attributes.put(name, step);
                    model.put(name, step);
                }
                case 2 -> {
                    attributes.remove(name);
                    model.remove(name);
                }
                default -> assertThat(attributes.get(name)).isEqualTo(model.get(name));
            }
            if (step % 1_000 == 999) {
                assertThat(names()).isEqualTo(model.keySet());
                model.forEach((key, value) -> assertThat(attributes.get(key)).isEqualTo(value));
                if (random.nextBoolean()) {
                    attributes.clear();
                    model.clear();
                    assertThat(names()).isEmpty();
                }
            }
        }
    }

    /** What comes and goes under ever new names takes no more room than what is there at once. */
    @Test
    void removedNamesAreForgottenWhenTheRowIsFull() {
        attributes.put("kept", "kept");
        for (int i = 0; i < 100_000; i++) {
            attributes.put("name " + i, "value");
            attributes.remove("name " + i);
        }
        assertThat(attributes.room()).isLessThan(100);
        assertThat(names()).containsExactly("kept");
    }

    /** A name that is there all the time is found all the time, and with a value that was set for it. */
    @Test
    void aReaderBesideWritersSeesWholePairs() throws Exception {
        attributes.put("first", "first");
        var over = new AtomicBoolean();
        var reader =
                new FutureTask<>(
                        () -> {
                            int looks = 0;
                            while (!over.get() || looks == 0) {
                                assertThat(attributes.get("first")).isEqualTo("first");
                                Object other = attributes.get("name 17");
                                assertThat(other).isIn(null, "name 17");
                                looks++;
                            }
                            return looks;
                        });
        Thread.ofPlatform().daemon().start(reader);
        for (int round = 0; round < 2_000; round++) {
            for (int i = 0; i < 40; i++) {
                attributes.put("name " + i, "name " + i);
            }
            for (int i = 0; i < 40; i++) {
                attributes.remove("name " + i);
            }
        }
        over.set(true);
        assertThat(Bounded.value(reader)).isPositive();
    }
}

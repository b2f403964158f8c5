// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.ModuleApplication;

import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.nio.file.Path;

/** Contexts on the module path. */
class ModulePathTest {

    @TempDir private Path dir;

    @Test
    void theModuleNeedsNoTechnologyAndExportsEachAdapter() {
        var descriptor = ModuleApplication.exportingModuleOf(CancelContext.class);
        assertThat(descriptor.opens()).isEmpty();
        assertThat(descriptor.requires())
                .filteredOn(needed -> !needed.modifiers().contains(Modifier.STATIC))
                .extracting(Requires::name)
                .containsExactly("java.base");
    }

    /** Neither Spring nor {@code java.sql} is there. */
    @Test
    void anApplicationOfContextsAloneRunsOnTheModulePath() throws Exception {
        var app =
                new ModuleApplication(
                        dir, ModuleApplication.placesOf(CancelContext.class, NullMarked.class));
        String refused =
                app.compile(
                        "module app { requires dev.netpoll.context; }",
                        """
                        package app;

                        import dev.netpoll.context.*;
                        import dev.netpoll.context.task.*;
                        import java.time.Duration;

                        public class App {
                            public static void main(String[] args) throws Exception {
                                try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMillis(1));
                                        Binding bound = scope.bind();
                                        TaskGroup group = TaskGroup.open()) {
                                    group.fork(() -> {
                                        Thread.sleep(Duration.ofDays(1));
                                        return "slept";
                                    });
                                    group.join();
                                } catch (DeadlineExceededException e) {
                                    System.out.println(e.getMessage());
                                }
                                System.out.println(ModuleLayer.boot().findModule("java.sql").isPresent());
                            }
                        }
                        """);
        assertThat(refused).isEmpty();
        assertThat(app.run()).isEqualTo("parent ended: deadline exceeded\nfalse\n");
    }
}

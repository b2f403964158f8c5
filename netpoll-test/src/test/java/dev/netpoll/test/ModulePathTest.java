// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.lang.ArchRule;

import dev.netpoll.context.CancelContext;
import dev.netpoll.testsupport.ModuleApplication;

import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

import java.nio.file.Path;

/** Manual time and the rules on the module path. */
class ModulePathTest {

    @TempDir private Path dir;

    @Test
    void theModuleExportsAllThatItIs() {
        var descriptor = ModuleApplication.exportingModuleOf(ManualRuntime.class);
        assertThat(descriptor.opens()).isEmpty();
    }

    @Test
    void timeIsManualOnTheModulePathWithoutArchUnit() throws Exception {
        var app =
                new ModuleApplication(
                        dir,
                        ModuleApplication.placesOf(
                                ManualRuntime.class, CancelContext.class, NullMarked.class));
        String refused =
                app.compile(
                        "module app { requires dev.netpoll.test; }",
                        """
                        package app;

                        import dev.netpoll.test.*;
                        import java.time.Duration;

                        public class App {
                            public static void main(String[] args) {
                                ManualRuntime time = new ManualRuntime();
                                var scope = time.background().withTimeout(Duration.ofDays(1));
                                time.advance(Duration.ofDays(2));
                                System.out.println(scope.cause().isDeadline());
                            }
                        }
                        """);
        assertThat(refused).isEmpty();
        assertThat(app.run().strip()).isEqualTo("true");
    }

    @Test
    void theRulesAreThereWhereArchUnitIs() throws Exception {
        var app =
                new ModuleApplication(
                        dir,
                        ModuleApplication.placesOf(
                                ManualRuntime.class,
                                CancelContext.class,
                                NullMarked.class,
                                ArchRule.class,
                                Logger.class));
        String refused =
                app.compile(
                        """
                        module app {
                            requires dev.netpoll.test;
                            requires com.tngtech.archunit;
                            requires org.slf4j;
                        }
                        """,
                        """
                        package app;

                        import com.tngtech.archunit.core.importer.ClassFileImporter;
                        import dev.netpoll.test.rules.ContextRules;

                        public class App {
                            public static void main(String[] args) {
                                System.out.println(ContextRules.class.getModule().getName()
                                        + new ClassFileImporter().importClasses(App.class).size());
                            }
                        }
                        """);
        assertThat(refused).isEmpty();
        assertThat(app.run()).endsWith("dev.netpoll.test1\n");
    }
}

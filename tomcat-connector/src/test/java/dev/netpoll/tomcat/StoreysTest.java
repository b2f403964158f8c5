// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

/** The connector stands on the engine's face, the request's storey and Tomcat. */
class StoreysTest {

    private final JavaClasses module =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.netpoll.tomcat");

    @Test
    void itNeedsTheEnginesFaceContextsAndTomcat() {
        assertThat(module).hasSizeGreaterThan(30);
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.management..",
                        "javax.net.ssl",
                        "jdk.jfr",
                        "jakarta.servlet..",
                        "org.apache..",
                        "org.jspecify.annotations",
                        "dev.netpoll.engine",
                        "dev.netpoll.engine.io",
                        "dev.netpoll.engine.stats",
                        "dev.netpoll.context",
                        "dev.netpoll.context.task",
                        "dev.netpoll.web",
                        "dev.netpoll.tomcat")
                .check(module);
    }
}

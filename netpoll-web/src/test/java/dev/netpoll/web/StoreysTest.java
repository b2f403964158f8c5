// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

/** A package may import only what stands below it. */
class StoreysTest {

    private static final String WEB = "dev.netpoll.web";

    private final JavaClasses module =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(WEB);

    @Test
    void aRequestsContextNeedsContextsAndTheServletApi() {
        assertThat(module).hasSizeGreaterThan(15);
        classes()
                .that()
                .resideInAPackage(WEB)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "jakarta.servlet..",
                        "org.jspecify.annotations",
                        "dev.netpoll.context",
                        "dev.netpoll.context.task",
                        WEB)
                .check(module);
    }

    @Test
    void mvcNeedsNoServerAndNoBoot() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.catalina..",
                        "org.apache.coyote..",
                        "org.apache.tomcat..",
                        "org.springframework.boot..",
                        "dev.netpoll.engine..",
                        "dev.netpoll.tomcat..",
                        "dev.netpoll.actuate..",
                        "dev.netpoll.autoconfigure..")
                .check(module);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

/** The actuator's module stands on the engine, the contexts and the connector, under the starter. */
class StoreysTest {

    private final JavaClasses module =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.netpoll.actuate");

    @Test
    void itKnowsNothingOfTheKernelSeamOrTheStarter() {
        assertThat(module).hasSizeGreaterThan(5);
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.netpoll.engine.internal.sys", "dev.netpoll.autoconfigure")
                .check(module);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import jakarta.servlet.Filter;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerInterceptor;

/** The starter wires what stands in the storeys below, and nothing of it runs for each request. */
class StoreysTest {

    private final JavaClasses product =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(
                            "dev.netpoll.engine",
                            "dev.netpoll.context",
                            "dev.netpoll.web",
                            "dev.netpoll.tomcat",
                            "dev.netpoll.actuate",
                            "dev.netpoll.autoconfigure");

    @Test
    void noTwoPackagesNeedEachOther() {
        assertThat(product).hasSizeGreaterThan(300);
        slices().matching("dev.netpoll.(**)").should().beFreeOfCycles().check(product);
    }

    @Test
    void nothingNeedsTheStarter() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.netpoll.autoconfigure..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.netpoll.autoconfigure..")
                .check(product);
    }

    @Test
    void onlyTheEngineReachesItsInternals() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.netpoll.engine..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.netpoll.engine.internal..")
                .check(product);
    }

    @Test
    void nothingOfTheStarterIsOnTheWayOfARequest() {
        noClasses()
                .that()
                .resideInAPackage("dev.netpoll.autoconfigure..")
                .should()
                .beAssignableTo(Filter.class)
                .orShould()
                .beAssignableTo(HandlerInterceptor.class)
                .orShould()
                .beAssignableTo(HandlerExceptionResolver.class)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.netpoll.web.RequestContext")
                .check(product);
    }

    @Test
    void timeComesInThroughTickersAlone() {
        noClasses()
                .that()
                .haveSimpleNameNotEndingWith("SystemTicker")
                .and()
                .haveSimpleNameNotEndingWith("SystemRuntime")
                .should()
                .accessTargetWhere(
                        targetOwner(equivalentTo(System.class)).and(target(name("nanoTime"))))
                .check(product);
    }

    /** Of the application's own context: a child context has a server of its own, and its own beans. */
    @Test
    void everyBeanBacksOffForTheApplicationsOwn() {
        methods()
                .that()
                .areAnnotatedWith(Bean.class)
                .should()
                .beMetaAnnotatedWith(ConditionalOnMissingBean.class)
                .check(product);
    }
}

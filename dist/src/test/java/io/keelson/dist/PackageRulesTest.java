package io.keelson.dist;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rules for all modules together; here all are on the class path. */
final class PackageRulesTest {
    private static final String[] ROOMS = {
        "raft",
        "kvstore",
        "apiserver",
        "controllers",
        "scheduler",
        "cloud",
        "metrics",
        "agent",
        "proxy",
        "benchmarks",
        "dist"
    };

    private static JavaClasses classes;

    @BeforeAll
    static void all() {
        // Names are enough; what libraries are made of would fill the heap.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.keelson");
        // Else a module that is not looked at would be one that keeps to the rule.
        for (String room : ROOMS) {
            assertTrue(
                    classes.stream().anyMatch(type -> type.getPackageName().startsWith("io.keelson." + room)),
                    "no class of " + room);
        }
    }

    @Test
    void theNodeKnowsOfTheOthersOnlyWhatEveryClientOfTheApiStandsOn() {
        noClasses()
                .that()
                .resideInAnyPackage("io.keelson.agent..", "io.keelson.proxy..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.keelson.raft..",
                        "io.keelson.kvstore..",
                        "io.keelson.apiserver..",
                        "io.keelson.scheduler..",
                        "io.keelson.metrics..",
                        "io.keelson.cloud..")
                .check(classes);
    }

    @Test
    void jraftShowsNowhereOutsideTheLogsModule() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.keelson.raft..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.alipay.sofa.jraft..")
                .check(classes);
    }
}

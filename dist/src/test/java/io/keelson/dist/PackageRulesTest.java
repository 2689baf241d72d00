package io.keelson.dist;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** Rules for all modules together; here all are on the class path. */
final class PackageRulesTest {
    @Test
    void jraftShowsNowhereOutsideTheLogsModule() {
        // Names are enough; what libraries are made of would fill the heap.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        JavaClasses classes = new ClassFileImporter()
                .importPackages(
                        "io.keelson.raft",
                        "io.keelson.kvstore",
                        "io.keelson.apiserver",
                        "io.keelson.benchmarks",
                        "io.keelson.dist");
        // Else a module that is not looked at would be one that keeps to the rule.
        for (String module : new String[] {"raft", "kvstore", "apiserver", "benchmarks", "dist"}) {
            assertTrue(
                    classes.stream().anyMatch(type -> type.getPackageName().startsWith("io.keelson." + module)),
                    "no class of " + module);
        }
        noClasses()
                .that()
                .resideOutsideOfPackage("io.keelson.raft..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.alipay.sofa.jraft..")
                .check(classes);
    }
}

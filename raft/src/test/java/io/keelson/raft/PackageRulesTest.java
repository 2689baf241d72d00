package io.keelson.raft;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class PackageRulesTest {
    private static final String JRAFT = "com.alipay..";

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.keelson");

    @Test
    void jraftShowsOnlyBehindTheLog() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.keelson.raft.jraft..", "io.keelson.raft.log..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(JRAFT)
                .check(classes);
    }

    @Test
    void theTransportKnowsNothingOfTheLog() {
        noClasses()
                .that()
                .resideInAPackage("io.keelson.raft.transport..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.keelson.raft.jraft..", "io.keelson.raft.log..")
                .check(classes);
    }

    @Test
    void theLogStorageKnowsNothingOfMembers() {
        noClasses()
                .that()
                .resideInAPackage("io.keelson.raft.log..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.keelson.raft", "io.keelson.raft.jraft..", "io.keelson.raft.transport..")
                .check(classes);
    }
}

package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import picocli.CommandLine;

/** Which classes log in detail, by {@code --vmodule}. */
final class DetailedFilesTest {
    private static DetailedFiles files(String flag) {
        ApiServerCommand command = new ApiServerCommand();
        var _ = new CommandLine(command).parseArgs("--vmodule=" + flag);
        return command.detailedFiles();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EtcdStore=4 | io.keelson.apiserver.store.EtcdStore | true",
                "EtcdStore=4 | io.keelson.apiserver.store.EtcdStore$Values | true",
                "EtcdStore=4 | io.keelson.apiserver.store.EtcdStores | false",
                "EtcdStore=3 | io.keelson.apiserver.store.EtcdStore | false",
                "Etcd*=9 | io.keelson.apiserver.store.EtcdStore | true",
                "Etcd?tore=4 | io.keelson.apiserver.store.EtcdStore | true",
                "store=4 | io.keelson.apiserver.store.EtcdStore | false",
                "Leases=4,EtcdStore=4 | io.keelson.apiserver.store.EtcdStore | true",
                "Leases=4,EtcdStore=0 | io.keelson.apiserver.store.EtcdStore | false",
            })
    void classesOfFilesLogInDetail(String flag, String name, boolean detailed) {
        LoggerContext context = new LoggerContext();
        context.addTurboFilter(files(flag));
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.INFO);
        Logger logger = context.getLogger(name);
        assertEquals(detailed, logger.isDebugEnabled());
        assertTrue(logger.isInfoEnabled());
        assertFalse(logger.isTraceEnabled());
    }

    @Test
    void withoutPatternsThereIsNothingToDo() {
        assertTrue(files("").isEmpty());
        assertTrue(files("EtcdStore=3").isEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EtcdStore | \"EtcdStore\" does not have the pattern=N format",
                "EtcdStore= | \"EtcdStore=\" does not have the pattern=N format",
                "=4 | \"=4\" does not have the pattern=N format",
                "a=4=5 | \"a=4=5\" does not have the pattern=N format",
                "a=b | parsing verbosity in \"a=b\": invalid syntax",
                "a=-1 | parsing verbosity in \"a=-1\": invalid syntax",
                "[a=4 | \"[a\" is no pattern",
            })
    void whatIsNoPatternIsRefused(String flag, String why) {
        assertEquals(
                "--vmodule: " + why,
                assertThrows(IllegalArgumentException.class, () -> files(flag)).getMessage());
    }
}

package io.keelson.apiserver.kinds.batch;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.object.MalformedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "* * * * *",
                "*/5 0-6 1,15 JAN-mar mon",
                "? ? ? ? ?",
                "0 0 31 12 6",
                "@daily",
                "@every 1h30m",
                "0\t0 1 1 *",
                "5/15 * * * *",
            })
    void isOne(String schedule) {
        assertDoesNotThrow(() -> CronSchedule.check(schedule));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * 32 * *",
                "* * * 13 *",
                "* * * * 7",
                "5-1 * * * *",
                "1-2-3 * * * *",
                "*/0 * * * *",
                "*/5/5 * * * *",
                "-1 * * * *",
                "99999999999999999999 * * * *",
                "a * * * *",
                "@sometimes",
                "@every",
                "@every now",
            })
    void isNone(String schedule) {
        assertThrows(MalformedException.class, () -> CronSchedule.check(schedule));
    }
}

package io.keelson.apiserver.kinds.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.object.MalformedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"'' | 0", "0 | 1", "0,2 | 2", "0-3 | 4", "1-3,5,7-9 | 7"})
    void areCounted(String text, long count) {
        assertEquals(count, Indexes.count(text, 10));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "-", "1-", "-1", "3-1", "1,1", "5,2", "10", "0-10", "1-2-3", ",", "99999999999999999999"})
    void areNone(String text) {
        assertThrows(MalformedException.class, () -> Indexes.count(text, 10));
    }
}

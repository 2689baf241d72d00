package io.keelson.controllers.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigurationTextTest {
    private static final ConfigurationText FRUIT = new ConfigurationText("Fruit", "example.org/v1", "cannot decode");

    @TempDir
    private Path folder;

    @Test
    void yamlAndJsonAreTheSame() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), """
                apiVersion: example.org/v1
                kind: Fruit
                ripe: true
                """);
        assertEquals(
                FRUIT.parse("{\"apiVersion\": \"example.org/v1\", \"kind\": \"Fruit\", \"ripe\": true}"),
                FRUIT.read(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`[1]`                                                   | no object with apiVersion and kind",
                "``                                                      | no object with apiVersion and kind",
                "`{kind: Fruit, apiVersion: example.org/v2}`             | registered for version \"example.org/v2\"",
                "`{kind: Bread, apiVersion: example.org/v1}`             | no kind \"Bread\"",
                "`{kind: Fruit, kind: Fruit, apiVersion: example.org/v1}`| cannot decode: Duplicate field 'kind'",
                "`{kind: Fruit, apiVersion: example.org/v1}\n---\n{}`    | cannot decode: Trailing token",
                "`{a: &a {}, b: *a}`                                     | aliases of YAML (*) are not read",
                "`{kind: `                                               | cannot decode: ",
            })
    void whatIsNoneIsRefusedWithTheReason(String text, String reason) {
        String said = String.valueOf(assertThrows(IllegalArgumentException.class, () -> FRUIT.parse(text))
                .getMessage());
        assertTrue(said.contains(reason), said);
    }

    @Test
    void itIsBoundedInSizeAndDepth() throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[(1 << 20) + 1]);
        assertEquals(
                "the file is larger than 1048576 bytes",
                assertThrows(IllegalArgumentException.class, () -> FRUIT.read(file))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> FRUIT.parse("[".repeat(60) + "]".repeat(60)));
        assertThrows(NoSuchFileException.class, () -> FRUIT.read(folder.resolve("absent")));
    }

    private record Box(List<Fruit> fruits) {}

    private record Fruit(int seeds) {}

    @Test
    void whereAProblemIsIsSaidAsAPath() {
        JsonMappingException problem = assertThrows(
                JsonMappingException.class,
                () -> JsonMapper.builder().build().readValue("{\"fruits\": [{}, {\"seeds\": []}]}", Box.class));
        assertEquals("fruits[1].seeds", ConfigurationText.path("", problem));
        assertEquals("box.fruits[1].seeds", ConfigurationText.path("box", problem));
    }
}

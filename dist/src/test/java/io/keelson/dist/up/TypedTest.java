package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TypedTest {
    @Test
    void theProgramIsNamedAsItWasCalled() {
        assertEquals("scripts/keelson down", Typed.line("scripts/keelson", List.of("down")));
        assertEquals("keelson down", Typed.line("", List.of("down")));
    }

    @Test
    void aShellTakesEveryWordForWhatItIs() {
        assertEquals("'/tmp/my cluster'", Typed.word("/tmp/my cluster"));
        assertEquals("'it'\\''s'", Typed.word("it's"));
        assertEquals("''", Typed.word(""));
        assertEquals("/a-b/c_d.e", Typed.word("/a-b/c_d.e"));
    }

    @Test
    void onlyAFolderThatIsNotTheUsualOneIsNamed() {
        assertEquals(Typed.line(List.of("status")), Typed.forCluster("status", HomeFolder.cluster()));
        assertEquals(
                Typed.line(List.of("down", "--data", "/x", "--wipe")),
                Typed.forCluster("down", Path.of("/x"), "--wipe"));
    }
}

package io.keelson.benchmarks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class PageWalkTest {
    private final PageWalk walk = new PageWalk();

    private static byte[] page(String version, String next, String... names) {
        String items = Arrays.stream(names)
                .map(name -> "{\"metadata\":{\"name\":\"" + name + "\"}}")
                .collect(Collectors.joining(","));
        return ("{\"metadata\":{\"resourceVersion\":\"" + version + "\",\"continue\":\"" + next + "\"},\"items\":["
                        + items + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void refused(String why, byte[] page) {
        IOException refused = assertThrows(IOException.class, () -> walk.add(page));
        assertTrue(String.valueOf(refused.getMessage()).contains(why), refused::toString);
    }

    @Test
    void goesOnByTheTokenOfEachPage() throws Exception {
        assertEquals("more", walk.add(page("7", "more", "a", "b")));
        assertEquals("", walk.add(page("7", "", "c")));
        assertEquals(3, walk.end(3));
    }

    @Test
    void noticesWhatIsMissing() throws Exception {
        assertEquals("", walk.add(page("7", "", "a", "b")));
        IOException refused = assertThrows(IOException.class, () -> walk.end(3));
        assertTrue(String.valueOf(refused.getMessage()).contains("2 of 3"), refused::toString);
    }

    @Test
    void noticesWhatComesTwice() throws Exception {
        assertEquals("more", walk.add(page("7", "more", "a", "b")));
        refused("b twice", page("7", "", "b", "c"));
    }

    @Test
    void noticesPagesOfAnotherMoment() throws Exception {
        assertEquals("more", walk.add(page("7", "more", "a")));
        refused("7 and 8", page("8", "", "b"));
    }

    @Test
    void noticesAListThatDoesNotEnd() {
        refused("is empty", page("7", "more"));
    }
}

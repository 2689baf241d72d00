package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RemainTest {
    @Test
    void whatCannotBeRemovedIsToldAndDoesNotKeepTheRest() throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<Remain> remains = List.of(
                new Remain("one", () -> {
                    throw new AccessDeniedException("/x");
                }),
                new Remain("two", () -> {}));
        assertFalse(Remain.remove(remains, new PrintWriter(out), new PrintWriter(err)));
        assertEquals("Removed: two\n", out.toString());
        assertEquals(
                "Not removed: one: /x is not for this user: run this as the user who owns it, or as root\n",
                err.toString());
    }
}

package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whom a member believes that it was removed. */
class MembershipTasksTest {
    private static void assertRemoved(boolean expected, Set<Long> told, Set<Long> answering) {
        assertEquals(expected, MembershipTasks.removedByWord(told, List.of(2L, 3L), answering::contains));
    }

    @Test
    void noMemberIsBelievedAgainstOneThatStillAnswers() {
        assertRemoved(false, Set.of(), Set.of());
        assertRemoved(true, Set.of(2L, 3L), Set.of());
        assertRemoved(true, Set.of(2L), Set.of());
        assertRemoved(false, Set.of(2L), Set.of(3L));
    }

    @Test
    void itIsEnoughToBeToldByAMemberThatIsNew() {
        assertRemoved(true, Set.of(4L), Set.of());
        assertRemoved(false, Set.of(4L), Set.of(2L));
    }
}

package io.keelson.apiserver.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.request.UserInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class IdentityHeadersTest {
    @Test
    void sayAllThatIsKnownOfAUser() {
        UserInfo jane = new UserInfo(
                "jane",
                "u-1",
                List.of("a", "b"),
                Map.of("example.com/scopes", List.of("x", "y"), "100%", List.of("z")));
        assertEquals(
                Map.of(
                        "X-Remote-User", List.of("jane"),
                        "X-Remote-Uid", List.of("u-1"),
                        "X-Remote-Group", List.of("a", "b"),
                        "X-Remote-Extra-example.com%2Fscopes", List.of("x", "y"),
                        "X-Remote-Extra-100%25", List.of("z")),
                IdentityHeaders.of(jane));
    }

    @Test
    void sayNothingThatIsNotKnown() {
        assertEquals(
                Map.of("X-Remote-User", List.of("jane")),
                IdentityHeaders.of(new UserInfo("jane", "", List.of(), Map.of("empty", List.of()))));
    }
}

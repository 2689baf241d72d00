package io.keelson.apiserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.RequestTarget;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class ProxyPathTest {
    @Test
    void refusesSegmentsThatLeadUpwards() {
        for (String path : List.of("/..", "/a/../b", "/a/./b", "/.", "/a/..")) {
            assertThrows(ApiException.class, () -> ProxyPath.escape(path), path);
        }
        assertEquals("/a..b/...", ProxyPath.escape("/a..b/..."));
    }

    @Test
    void escapesWhatIsNoPartOfAPath() {
        assertEquals("/a%20b%3Fc%23d%25e%0D%0AHost:", ProxyPath.escape("/a b?c#d%e\r\nHost:"));
        assertEquals("?a=b%20c%0D%0A%23&d=%2F", ProxyPath.query("a=b c\r\n#&d=%2F"));
        assertEquals("", ProxyPath.query(""));
    }

    @Property
    void isReadAsItWas(@ForAll String text) {
        String path = "/" + text;
        Assume.that(!List.of(path.split("/", -1)).contains("..")
                && !List.of(path.split("/", -1)).contains(".")
                && text.chars().noneMatch(c -> Character.isSurrogate((char) c)));
        String escaped = ProxyPath.escape(path);
        assertEquals(path, RequestTarget.parse(escaped).path());
        assertTrue(escaped.chars().allMatch(c -> c > ' ' && c < 0x7f));
    }
}

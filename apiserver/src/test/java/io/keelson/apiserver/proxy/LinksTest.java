package io.keelson.apiserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class LinksTest {
    private static final Links LINKS = new Links("api.example:6443", "/proxy", "10.0.0.7:8080");

    private static String page(String html) throws IOException {
        return page(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
    }

    private static String page(InputStream in) throws IOException {
        try (InputStream page = LINKS.rewritten(in)) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void pathsOfTheBackendLeadThroughTheProxy() {
        assertEquals("/proxy/a?b=c#d", LINKS.rewritten("/a?b=c#d"));
        assertEquals("/proxy/", LINKS.rewritten("/"));
        assertEquals("/proxy/a", LINKS.rewritten("http://10.0.0.7:8080/a"));
        assertEquals("/proxy/a", LINKS.rewritten("//10.0.0.7:8080/a"));
        assertEquals("/proxy/a", LINKS.rewritten("/proxy/a"));
        assertEquals("/proxy/proxyed", LINKS.rewritten("/proxyed"));
    }

    @Test
    void othersStay() {
        for (String link : new String[] {
            "a/b",
            "?q",
            "#top",
            "https://example.com/a",
            "//example.com/a",
            "mailto:a@b",
            "javascript:x()",
            "",
            "/a b",
            "%"
        }) {
            assertEquals(link, LINKS.rewritten(link));
        }
    }

    @Test
    void changesTheAttributesThatHoldUrls() throws IOException {
        assertEquals(
                "<!doctype html><head><link rel=x href=\"/proxy/s.css\"><script src='/proxy/a.js'></script></head>"
                        + "<a class=\"/c\" HREF = \"/proxy/x?a=1&amp;b=2\">/y</a><img src=/proxy/i.png alt=\"/z\"><a href=\"rel\">",
                page(
                        "<!doctype html><head><link rel=x href=\"/s.css\"><script src='/a.js'></script></head>"
                                + "<a class=\"/c\" HREF = \"/x?a=1&amp;b=2\">/y</a><img src=/i.png alt=\"/z\"><a href=\"rel\">"));
    }

    @Test
    void leavesScriptsAndCommentsAlone() throws IOException {
        for (String html : new String[] {
            "<!-- <a href=\"/x\"> -- > <a href='/y'> -->",
            "<script>if (a<b && c > d) { document.write('<a href=\"/x\">'); } // it's</script>",
            "<style>a > b { background: url(/x) }</style>",
            "a < b, 1 <2 and <",
            "<a href=\"/never closed"
        }) {
            assertEquals(html, page(html));
        }
        assertEquals("<!--x--><a href=\"/proxy/y\">", page("<!--x--><a href=\"/y\">"));
        assertEquals("<script>it's</script><a href=\"/proxy/y\">", page("<script>it's</script><a href=\"/y\">"));
    }

    @Test
    void passesTagsWithoutAnEndInPieces() throws IOException {
        String html = "<a " + "x".repeat(3 * LinkStream.TAG_BYTES_MAX) + "href=\"/x\">";
        assertEquals(html.length(), page(html).length());
    }

    @Property
    void passesEverythingElseAsItIs(@ForAll @StringLength(max = 200) String text) throws IOException {
        byte[] bytes = text.replace("=", "").getBytes(StandardCharsets.UTF_8);
        try (InputStream page = LINKS.rewritten(new ByteArrayInputStream(bytes))) {
            assertEquals(
                    new String(bytes, StandardCharsets.ISO_8859_1),
                    new String(page.readAllBytes(), StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void looksIntoPlainPagesOnly() {
        assertTrue(LINKS.fits("text/html; charset=utf-8", ""));
        assertFalse(LINKS.fits("text/html", "gzip"));
        assertFalse(LINKS.fits("application/json", ""));
    }
}

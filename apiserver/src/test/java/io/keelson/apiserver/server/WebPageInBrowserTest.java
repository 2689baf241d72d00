package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.printing.Ages;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The web page in a real browser, clicked through. {@code -Dui.pictures=FOLDER} writes pictures of it, too.
 */
final class WebPageInBrowserTest {
    private static final String HOSTILE = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>";
    private static final String PICTURES = "ui.pictures";

    private static WebPageCluster cluster;
    private static Chromium browser;

    @BeforeAll
    static void start(@TempDir Path folder, @TempDir Path profile) throws Exception {
        browser = Chromium.start(profile);
        cluster = new WebPageCluster(folder);
        cluster.event("hostile", HOSTILE);
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    private static Tab loggedIn(String view) throws Exception {
        return loggedIn(view, cluster.token());
    }

    private static Tab loggedIn(String view, String with) throws Exception {
        Tab tab = browser.open();
        tab.colours("light", 1100, 620);
        tab.go(cluster.url() + "/ui/#/" + view);
        tab.type("#token", with);
        tab.click("#enter");
        tab.awaitText("Log out");
        return tab;
    }

    @Test
    void oneLogsInWithATokenAndSeesNodes() throws Exception {
        try (Tab tab = browser.open()) {
            tab.go(cluster.url() + "/ui");
            tab.awaitText("Token", "keelson ui");
            tab.type("#token", "nonsense");
            tab.press("Enter");
            tab.awaitText("does not know this token");
            tab.type("#token", cluster.token());
            tab.press("Enter");
            tab.awaitText(
                    "system:serviceaccount:default:looker",
                    "Nodes",
                    "node-1",
                    "control-plane",
                    "v1.36.0",
                    "3.5",
                    "8.0 GiB",
                    "110");
            tab.awaitText("1 node", "Live");
            assertEquals(
                    cluster.token(),
                    tab.value("sessionStorage.getItem('keelson-token')").asText());
            assertEquals(
                    0, tab.value("localStorage.length + document.cookie.length").asInt());
            tab.clickOn("Log out");
            tab.awaitText("Token");
            assertEquals(0, tab.value("sessionStorage.length").asInt());
        }
    }

    @Test
    void podsAreFollowed() throws Exception {
        try (Tab tab = loggedIn("pods")) {
            tab.awaitText("web-1", "1/1", "Running", "node-1", "Live");
            cluster.pod("late", "Pending", "false");
            tab.awaitText("late", "0/1", "Pending");
            cluster.admin()
                    .call("DELETE", WebPageCluster.PODS + "/late?gracePeriodSeconds=0", "")
                    .succeeded();
            tab.awaitNoText("late");
            tab.type("#filter", "nothing like it");
            tab.awaitText("0 of 1 pod");
            tab.type("#namespace", "kube-system");
            tab.press("Enter");
            tab.awaitText("0 pods");
            assertEquals("#/pods/kube-system", tab.value("location.hash").asText());
        }
    }

    @Test
    void aWatchThatBreaksIsBegunAnewAndMissesNothing() throws Exception {
        try (Tab tab = loggedIn("nodes")) {
            tab.awaitText("node-1", "Live");
            tab.value("""
                    (() => {
                      const real = window.fetch;
                      window.watches = 0;
                      window.fetch = (url, how) => {
                        if (!url.includes('watch=1') || !url.includes('/pods')) return real(url, how);
                        switch (++window.watches) {
                          case 1: return Promise.resolve(new Response(JSON.stringify(
                            {type: 'ERROR', object: {code: 410, message: 'too old resource version'}}) + '\\n'));
                          case 2: return Promise.reject(new TypeError('Failed to fetch'));
                          case 3: return Promise.resolve(new Response('{"type": "ADDED", "obj'));
                          default: return real(url, how);
                        }
                      };
                    })()""");
            tab.clickOn("Pods");
            tab.awaitText("web-1");
            cluster.pod("between", "Pending", "false");
            tab.awaitText("between", "Live");
            Deadline.await(() -> tab.value("window.watches").asInt() == 4);
            cluster.admin()
                    .call("DELETE", WebPageCluster.PODS + "/between?gracePeriodSeconds=0", "")
                    .succeeded();
            tab.awaitNoText("between");
        }
    }

    @Test
    void whatIsHostileIsTextAndNothingElse() throws Exception {
        try (Tab tab = loggedIn("events")) {
            tab.awaitText(HOSTILE, "<b>kubelet</b>", "pod/web-1");
            tab.go(cluster.url() + "/ui/#/pods/%3Cimg%20src=x%20onerror=window.hacked=1%3E/%3Cscript%3E");
            tab.awaitText("Pod <script>");
            tab.go(cluster.url() + "/ui/#/%E0%A4%A/x");
            tab.awaitText("node-1");
            assertEquals(
                    0,
                    tab.value("document.querySelectorAll('main img, main script, main b').length")
                            .asInt());
            assertTrue(tab.value("window.hacked === undefined").asBoolean());
        }
    }

    @Test
    void aLogIsShownAsItIsWritten() throws Exception {
        try (Tab tab = loggedIn("pods/default/web-1")) {
            tab.awaitText("Pod web-1", "keelson/web:1", "Running since", "Hostile");
            cluster.kubelet().log("first " + HOSTILE + "\n");
            tab.awaitText(new Tab.By("pre.log"), "first " + HOSTILE);
            cluster.kubelet().log("second\n");
            tab.awaitText(new Tab.By("pre.log"), "second");
            cluster.kubelet().log("x".repeat(3 << 20) + "\nlast\n");
            tab.awaitText(new Tab.By("pre.log"), "last");
            assertTrue(tab.value("document.querySelector('pre.log').textContent.length")
                            .asInt()
                    <= (1 << 20) + (1 << 18));
            cluster.kubelet().endLog();
            tab.awaitText("The log has ended.");
        }
    }

    @Test
    void aRolloutIsShownWithItsReplicaSets() throws Exception {
        try (Tab tab = loggedIn("deployments")) {
            tab.awaitText("web", "1/2", "keelson/web:1");
            tab.clickOn("web");
            tab.awaitText(
                    "Deployment web",
                    "ReplicaSetUpdated",
                    "web-5f4d",
                    "2 wanted, 2 updated, 1 ready",
                    "web-1",
                    "under way");
        }
    }

    @Test
    void oneGoesBackInTimeAndMakesADeploymentWhatItWas() throws Exception {
        cluster.create(WebPageCluster.DEPLOYMENTS, """
                {"metadata": {"name": "past", "labels": {"is": "old"}}, "spec": {"replicas": 1,
                 "selector": {"matchLabels": {"app": "past"}}, "template": {"metadata": {"labels": {"app": "past"}},
                 "spec": {"containers": [{"name": "c", "image": "past:1"}]}}}}""");
        String then = cluster.admin().get(WebPageCluster.DEPLOYMENTS + "/past").at("/metadata/resourceVersion");
        cluster.patch(WebPageCluster.DEPLOYMENTS + "/past", """
                {"metadata": {"labels": {"is": "new"}, "finalizers": ["example.com/theirs"]}, "spec": {"replicas": 7}}""");
        try (Tab tab = loggedIn("deployments/default/past")) {
            tab.awaitText("7 wanted");
            tab.click("#history");
            tab.awaitText("spec.replicas: 1 → 7", "created");
            tab.clickOn(then);
            tab.awaitText(
                    "As it was at revision " + then,
                    "1 wanted",
                    "Then and now",
                    "metadata.labels.is",
                    "spec.replicas: 1 → 7");
            tab.press("ArrowLeft");
            tab.awaitText("was not there then");
            tab.type("#moment-text", then);
            tab.press("Enter");
            tab.awaitText("1 wanted");
            tab.click("#restore");
            tab.awaitText(new Tab.By("dialog"), "Restore past to what it was at revision " + then + "?");
            tab.awaitText(new Tab.By("dialog"), "spec.replicas");
            tab.click("#restore-cancel");
            tab.awaitNoText("Restore past to");
            assertEquals(
                    "7",
                    cluster.admin().get(WebPageCluster.DEPLOYMENTS + "/past").at("/spec/replicas"));
            tab.click("#restore");
            tab.click("#restore-confirm:enabled");
            tab.awaitText("1 wanted", "Live");
            tab.awaitNoText("Then and now");
        }
        Caller.Answer now = cluster.admin().get(WebPageCluster.DEPLOYMENTS + "/past");
        assertEquals("1", now.at("/spec/replicas"));
        assertEquals("old", now.at("/metadata/labels/is"));
        assertEquals("example.com/theirs", now.at("/metadata/finalizers/0"), "what others do with it is theirs");
        assertTrue(now.text().contains("keelson-restore"), now.text());
    }

    @Test
    void whatIsGoneIsMadeAgain() throws Exception {
        cluster.create(WebPageCluster.DEPLOYMENTS, """
                {"metadata": {"name": "gone"}, "spec": {"replicas": 3,
                 "selector": {"matchLabels": {"app": "gone"}}, "template": {"metadata": {"labels": {"app": "gone"}},
                 "spec": {"containers": [{"name": "c", "image": "gone:1"}]}}}}""");
        Caller.Answer was = cluster.admin().get(WebPageCluster.DEPLOYMENTS + "/gone");
        cluster.admin().call("DELETE", WebPageCluster.DEPLOYMENTS + "/gone", "").succeeded();
        try (Tab tab = loggedIn("deployments")) {
            tab.awaitText("Live");
            tab.awaitNoText("gone");
            tab.clickOn("Time travel");
            tab.awaitText("The past reaches back to revision");
            tab.type("#moment-text", was.at("/metadata/resourceVersion"));
            tab.click("#moment-go");
            tab.clickOn("gone");
            tab.awaitText("It is not there any more.");
            tab.click("#restore");
            tab.awaitText("is made anew");
            tab.click("#restore-confirm:enabled");
            tab.awaitText("3 wanted", "Live");
        }
        Caller.Answer now =
                cluster.admin().get(WebPageCluster.DEPLOYMENTS + "/gone").succeeded();
        assertEquals("3", now.at("/spec/replicas"));
        assertNotEquals(was.at("/metadata/uid"), now.at("/metadata/uid"));
    }

    @Test
    void theLinesOfTimeIsMovedAlongWithKeys() throws Exception {
        try (Tab tab = loggedIn("pods")) {
            tab.clickOn("Time travel");
            tab.awaitText("The past reaches back to revision");
            tab.press("Home");
            tab.awaitText("As it was at revision", "0 pods");
            assertTrue(tab.value(
                            "document.getElementById('moment').ariaValueText ?? document.getElementById('moment').getAttribute('aria-valuetext')")
                    .asText()
                    .startsWith("As it was at revision "));
            tab.type("#moment-text", "yesterday");
            tab.press("Enter");
            tab.awaitText("Write a resource version, a time as");
            tab.type("#moment-text", "-1000h");
            tab.press("Enter");
            tab.awaitText("That lies before what is kept.");
            tab.type("#moment-text", "-0s");
            tab.press("Enter");
            tab.awaitText("web-1", "As it was at revision");
            tab.click("#moment-now");
            tab.awaitText("Live");
        }
    }

    @Test
    void theStoresMembersAreShown() throws Exception {
        try (Tab tab = loggedIn("store")) {
            tab.awaitText("etcd-0", "leader", "Raft index");
        }
    }

    @Test
    void whoMayNotSeeSomethingIsToldSo() throws Exception {
        try (Tab tab = loggedIn("nodes", cluster.tokenOf("viewer", "view"))) {
            tab.awaitText("You may not see these nodes", "default:viewer");
            tab.clickOn("Store");
            tab.awaitText("You may not see the store");
            tab.clickOn("Pods");
            tab.awaitText("web-1", "Live");
            tab.clickOn("Time travel");
            tab.awaitText("The past reaches back to revision");
        }
    }

    @Test
    void whenATokenIsOfNoUseAnyMoreOneLogsInAgain() throws Exception {
        try (Tab tab = loggedIn("pods")) {
            tab.awaitText("web-1", "Live");
            // A server keeps in mind for some seconds whom it knew.
            tab.value("window.fetch = async () => new Response('{\"message\": \"Unauthorized\"}', {status: 401})");
            tab.clickOn("Events");
            tab.awaitText("does not know this token, or not any more", "Log in");
            tab.awaitNoText("Log out");
            assertEquals(0, tab.value("sessionStorage.length").asInt());
        }
    }

    @Test
    void ofALongListAPartIsShownAndTheRestCounted() throws Exception {
        cluster.create("/api/v1/namespaces", "{\"metadata\": {\"name\": \"many\"}}");
        for (int i = 0; i < 510; i++) {
            cluster.create("/apis/apps/v1/namespaces/many/deployments", """
                    {"metadata": {"name": "d%03d"}, "spec": {"replicas": 0,
                     "selector": {"matchLabels": {"app": "m"}}, "template": {"metadata": {"labels": {"app": "m"}},
                     "spec": {"containers": [{"name": "c", "image": "i"}]}}}}""".formatted(i));
        }
        try (Tab tab = loggedIn("deployments/many")) {
            tab.awaitText("500 deployments, and 10 more that are not shown", "Live");
            cluster.admin()
                    .call("DELETE", "/apis/apps/v1/namespaces/many/deployments/d509", "")
                    .succeeded();
            tab.awaitText("500 deployments, and 9 more that are not shown");
            cluster.admin()
                    .call("DELETE", "/apis/apps/v1/namespaces/many/deployments/d000", "")
                    .succeeded();
            tab.awaitText("499 deployments, and 9 more that are not shown");
            tab.clickOn("Show more");
            tab.awaitText("508 deployments", "d508");
            tab.awaitNoText("not shown");
        }
    }

    @Test
    void everythingThatIsUsedHasANameAndEveryTextStandsOut() throws Exception {
        Set<String> used = Set.of("button", "link", "textbox", "searchbox", "combobox", "slider", "checkbox", "table");
        for (String scheme : List.of("light", "dark")) {
            try (Tab tab = loggedIn("pods/default/web-1")) {
                tab.colours(scheme, 1100, 620);
                tab.awaitText("Hostile");
                cluster.kubelet().endLog();
                tab.awaitText("Follow again");
                tab.clickOn("Time travel");
                tab.awaitText("The past reaches back");
                List<String> nameless = new ArrayList<>();
                for (JsonNode node : tab.call("Accessibility.getFullAXTree").path("nodes")) {
                    String role = node.path("role").path("value").asText();
                    if (used.contains(role)
                            && !role.equals("table")
                            && node.path("name").path("value").asText().isBlank()) {
                        nameless.add(node.toString());
                    }
                }
                assertEquals(List.of(), nameless);
                JsonNode weak = tab.value("""
                        (() => {
                          const parse = c => c.match(/[0-9.]+/g).map(Number);
                          const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
                            .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                            return .2126 * r + .7152 * g + .0722 * b; };
                          const under = e => { for (let at = e; at; at = at.parentElement) {
                            const c = parse(getComputedStyle(at).backgroundColor);
                            if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
                          return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility()
                              && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim() !== ''))
                            .map(e => { const [a, b] = [light(parse(getComputedStyle(e).color)), light(under(e))];
                              return [e.outerHTML.slice(0, 80), (Math.max(a, b) + .05) / (Math.min(a, b) + .05)]; })
                            .filter(([, ratio]) => ratio < 4.5);
                        })()""");
                assertEquals("[]", weak.toString(), scheme);
                boolean dark = tab.value("getComputedStyle(document.body).backgroundColor")
                        .asText()
                        .equals("rgb(18, 22, 28)");
                assertEquals(scheme.equals("dark"), dark);
            }
        }
    }

    @Test
    void agesAreThoseOfTables() throws Exception {
        Random random = new Random(9);
        ArrayNode spans = Json.object().arrayNode();
        ArrayNode expected = Json.object().arrayNode();
        for (int i = 0; i < 400; i++) {
            long seconds = (long) Math.exp(random.nextDouble() * 21);
            spans.add(seconds * 1_000);
            expected.add(Ages.human(Duration.ofSeconds(seconds)));
        }
        try (Tab tab = browser.open()) {
            tab.go(cluster.url() + "/ui/");
            tab.awaitText("Token");
            assertEquals(
                    expected.toString(),
                    tab.value("import('./text.js').then(text => " + spans + ".map(text.span))")
                            .toString());
        }
    }

    @Test
    void oneGetsEverywhereWithTheTabKey() throws Exception {
        try (Tab tab = loggedIn("nodes")) {
            tab.awaitText("node-1", "Live");
            tab.value("document.activeElement.blur()");
            List<String> reached = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                tab.press("Tab");
                reached.add(
                        tab.value("document.activeElement.textContent.trim().slice(0, 20) || document.activeElement.id")
                                .asText());
            }
            assertTrue(
                    reached.containsAll(List.of(
                            "Nodes", "Pods", "Deployments", "Events", "Store", "Log out", "Time travel", "filter")),
                    reached.toString());
            assertFalse(reached.isEmpty());
        }
    }

    /** For people who want to see it before they start it. */
    @Test
    @EnabledIfSystemProperty(named = PICTURES, matches = ".+")
    void picturesAreTaken() throws Exception {
        Path folder = Path.of(System.getProperty(PICTURES));
        cluster.replicaSet("web-7c9b", 2, 1);
        cluster.pod("web-2", "Running", "true");
        cluster.pod("web-3", "Pending", "false");
        String then = cluster.admin().get(WebPageCluster.DEPLOYMENTS + "/web").at("/metadata/resourceVersion");
        cluster.patch(WebPageCluster.DEPLOYMENTS + "/web", """
                {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "2"}},
                 "spec": {"replicas": 3, "template": {"spec": {"containers": [{"name": "web", "image": "keelson/web:2"}]}}}}""");
        cluster.status(WebPageCluster.DEPLOYMENTS + "/web", """
                {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 1, "readyReplicas": 2,
                 "availableReplicas": 2}""");
        try (Tab tab = loggedIn("deployments/default/web")) {
            tab.awaitText("web-7c9b", "web-3");
            tab.colours("light", 1000, 700);
            tab.picture(folder.resolve("ui-deployment.png"));
            tab.clickOn("Time travel");
            tab.awaitText("The past reaches back");
            tab.type("#moment-text", then);
            tab.press("Enter");
            tab.awaitText("Then and now", "Restore what it was");
            tab.colours("dark", 1000, 700);
            tab.picture(folder.resolve("ui-time-travel.png"));
        }
    }
}

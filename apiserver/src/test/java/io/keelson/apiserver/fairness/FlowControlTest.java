package io.keelson.apiserver.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FlowControlTest {
    private static ObjectNode level(String name, int shares, int lendable, String more) {
        return Levels.json(
                "{'metadata':{'name':'" + name + "','uid':'u-" + name + "'},'spec':{'type':'Limited','limited':"
                        + "{'nominalConcurrencyShares':" + shares + ",'lendablePercent':" + lendable + more
                        + ",'limitResponse':{'type':'Queue','queuing':{'queues':8,'handSize':2,'queueLengthLimit':5}}}}}");
    }

    private static ObjectNode schema(String name, int precedence, String level, String subject, String rule) {
        return Levels.json("{'metadata':{'name':'" + name + "'},'spec':{'matchingPrecedence':" + precedence
                + ",'priorityLevelConfiguration':{'name':'" + level + "'},'distinguisherMethod':{'type':'ByNamespace'},"
                + "'rules':[{'subjects':[" + subject + "]," + rule + "}]}}");
    }

    private static final String EVERYTHING = "'resourceRules':[{'verbs':['*'],'apiGroups':['*'],'resources':['*'],"
            + "'namespaces':['*'],'clusterScope':true}],'nonResourceRules':[{'verbs':['*'],'nonResourceURLs':['*']}]";
    private static final String ANYBODY = "{'kind':'Group','group':{'name':'*'}}";

    private static UserInfo user(String name, String... groups) {
        return new UserInfo(name, "", List.of(groups), Map.of());
    }

    private static RequestInfo about(String verb, String group, String resource, String subresource, String namespace) {
        return new RequestInfo("/", verb, true, "apis", group, "v1", namespace, resource, subresource, "n", "");
    }

    private static RequestInfo path(String path) {
        return new RequestInfo(path, "get", false, "", "", "", "", "", "", "", "");
    }

    private static FlowControl control(List<ObjectNode> schemas) {
        FlowControl control = new FlowControl(100, System::nanoTime, FlowTimes.UNOBSERVED);
        control.configure(
                List.of(level("catch-all", 10, 0, ""), level("a", 50, 50, ""), level("b", 40, 50, "")), schemas);
        return control;
    }

    private static String placed(FlowControl control, UserInfo user, RequestInfo request) {
        FlowControl.Place place = control.place(user, request);
        return place.flow().schema().name() + "/" + place.level().name() + "/"
                + place.flow().distinguisher();
    }

    @Test
    void theFirstSchemaByPrecedenceAndNameThatFitsCounts() {
        String pods = "'resourceRules':[{'verbs':['get','list'],'apiGroups':[''],'resources':['pods','pods/log'],"
                + "'namespaces':['x']}]";
        String nodes = "'resourceRules':[{'verbs':['*'],'apiGroups':[''],'resources':['nodes'],'clusterScope':true}]";
        String paths = "'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['/healthz','/debug/*']}]";
        try (FlowControl control = control(List.of(
                schema("z-all", 9000, "a", ANYBODY, EVERYTHING),
                schema("lost", 1, "nowhere", ANYBODY, EVERYTHING),
                schema("paths", 2, "b", ANYBODY, paths),
                schema("b-pods", 5, "b", "{'kind':'User','user':{'name':'jane'}}", pods),
                schema("a-pods", 5, "a", "{'kind':'Group','group':{'name':'dev'}}", pods),
                schema(
                        "nodes",
                        6,
                        "b",
                        "{'kind':'ServiceAccount','serviceAccount':{'namespace':'kube','name':'*'}}",
                        nodes),
                schema(
                        "one",
                        6,
                        "b",
                        "{'kind':'ServiceAccount','serviceAccount':{'namespace':'x','name':'y'}}",
                        nodes)))) {
            UserInfo jane = user("jane", "dev");
            assertEquals("a-pods/a/x", placed(control, jane, about("get", "", "pods", "", "x")));
            assertEquals("b-pods/b/x", placed(control, user("jane"), about("get", "", "pods", "log", "x")));
            assertEquals("z-all/a/x", placed(control, jane, about("get", "", "pods", "exec", "x")));
            assertEquals("z-all/a/y", placed(control, jane, about("get", "", "pods", "", "y")));
            assertEquals("z-all/a/", placed(control, jane, about("get", "", "pods", "", "")));
            assertEquals("z-all/a/x", placed(control, jane, about("watch", "", "pods", "", "x")));
            assertEquals("z-all/a/x", placed(control, jane, about("get", "apps", "pods", "", "x")));
            RequestInfo node = about("patch", "", "nodes", "", "");
            assertEquals("nodes/b/", placed(control, user("system:serviceaccount:kube:any"), node));
            assertEquals("one/b/", placed(control, user("system:serviceaccount:x:y"), node));
            assertEquals("z-all/a/", placed(control, user("system:serviceaccount:x:yy"), node));
            assertEquals("z-all/a/", placed(control, user("system:serviceaccount:kubelet:any"), node));
            assertEquals("paths/b/", placed(control, jane, path("/healthz")));
            assertEquals("paths/b/", placed(control, jane, path("/debug/pprof/heap")));
            assertEquals("z-all/a/", placed(control, jane, path("/healthz/etcd")));
            assertEquals("z-all/a/", placed(control, jane, path("/debugger")));
        }
        try (FlowControl none = control(List.of())) {
            assertEquals("catch-all/catch-all/jane", placed(none, user("jane"), path("/x")));
        }
    }

    private static PriorityLevel named(FlowControl control, String name) {
        return control.levels().stream()
                .filter(level -> level.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<PriorityLevel.Seat> fill(PriorityLevel level, int seats) throws InterruptedException {
        List<PriorityLevel.Seat> taken = new ArrayList<>();
        for (int i = 0; i < seats; i++) {
            taken.add(
                    assertInstanceOf(PriorityLevel.Seat.class, level.take(Levels.flow("f"), Work.ONE, 1, () -> false)));
        }
        return taken;
    }

    @Test
    void aLevelBorrowsWhatOthersDoNotNeedAndGivesItBack() throws Exception {
        try (FlowControl control = control(List.of())) {
            PriorityLevel a = named(control, "a");
            PriorityLevel b = named(control, "b");
            assertEquals(List.of(50, 40), List.of(a.seats(), b.seats()));
            List<PriorityLevel.Seat> seats = fill(a, 50);
            for (int i = 0; i < 100; i++) {
                a.sampleDemand();
                b.sampleDemand();
            }
            control.divideAnew();
            // It keeps the half that it may not lend, and its part of what is left.
            assertEquals(25, b.seats());
            assertTrue(a.seats() >= 62 && a.seats() <= 63, () -> "a " + a.seats());
            seats.addAll(fill(a, 10));
            List<PriorityLevel.Seat> others = fill(b, 20);
            assertEquals(PriorityLevel.Refusal.TIME_OUT, b.take(Levels.flow("f"), new Work(10, 0, 0), 1, () -> false));
            seats.forEach(PriorityLevel.Seat::release);
            others.forEach(PriorityLevel.Seat::release);
            for (int i = 0; i < 100; i++) {
                b.sampleDemand();
            }
            control.divideAnew();
            assertTrue(b.seats() >= 30, () -> "b had use for thirty: " + b.seats());
        }
    }

    @Test
    void aLevelThatIsTakenAwayStaysUntilItsRequestsAreAnswered() throws Exception {
        try (FlowControl control = control(List.of())) {
            PriorityLevel a = named(control, "a");
            PriorityLevel.Seat seat = fill(a, 1).getFirst();
            control.configure(List.of(level("catch-all", 10, 0, "")), List.of());
            assertEquals(100, named(control, "catch-all").seats());
            assertEquals(List.of(a), control.leaving());
            control.configure(List.of(level("catch-all", 10, 0, ""), level("a", 10, 0, "")), List.of());
            assertEquals(a, named(control, "a"));
            assertEquals(50, a.seats());
            control.configure(List.of(level("catch-all", 10, 0, "")), List.of());
            seat.release();
            control.divideAnew();
            assertEquals(1, control.levels().size());
        }
    }
}

package io.keelson.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.cel.CelAuthorizer.Decision;
import io.keelson.apiserver.cel.CelAuthorizer.Question;
import io.keelson.apiserver.cel.CelAuthorizer.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AuthorizerFunctionsTest {
    private final List<Question> asked = new ArrayList<>();

    private boolean test(String text, CelBudget budget) throws CelExpressionException {
        CelAuthorizer authorizer = question -> {
            asked.add(question);
            return switch (question.verb()) {
                case "get" -> new Decision(Verdict.ALLOWED, "because", null);
                case "delete" -> new Decision(Verdict.DENIED, "", null);
                default -> new Decision(Verdict.NO_OPINION, "", "cannot tell");
            };
        };
        return CelEnvironment.standard()
                .withAuthorizer()
                .compile(text, Set.of(CelResult.BOOL))
                .test(
                        Map.of(
                                "authorizer",
                                CelValues.authorizer(authorizer),
                                "authorizer.requestResource",
                                CelValues.requestResource(authorizer, "apps", "v1", "deployments", "", "ns", "web")),
                        budget);
    }

    private boolean test(String text) throws CelExpressionException {
        return test(text, CelBudget.ofObject());
    }

    @Test
    void questionsArePutTogether() throws CelExpressionException {
        assertTrue(test("authorizer.group('apps').resource('deployments').subresource('scale').namespace('a').name('b')"
                + ".fieldSelector('x=y').labelSelector('l').check('get').allowed()"));
        assertEquals(
                new Question(List.of(), "", "apps", "*", "deployments", "scale", "a", "b", "x=y", "l", "get"),
                asked.getLast());
        assertTrue(test("authorizer.path('/healthz').check('get').reason() == 'because'"));
        assertEquals("/healthz", asked.getLast().path());
        assertTrue(test("!authorizer.serviceAccount('ns', 'sa').group('').resource('pods').check('delete').allowed()"));
        assertEquals(List.of("ns", "sa"), asked.getLast().account());
        assertTrue(test("authorizer.requestResource.check('get').allowed()"));
        assertEquals(
                new Question(List.of(), "", "apps", "v1", "deployments", "", "ns", "web", "", "", "get"),
                asked.getLast());
    }

    @Test
    void failuresOfTheAuthorizerAreSeen() throws CelExpressionException {
        assertTrue(test("authorizer.requestResource.check('list').errored()"
                + " && authorizer.requestResource.check('list').error() == 'cannot tell'"));
    }

    @Test
    void questionsThatMakeNoSenseAreErrors() {
        for (String[] wrong : new String[][] {
            {"authorizer.path('').check('get').allowed()", "path must not be empty"},
            {"authorizer.group('').resource('').check('get').allowed()", "resource must not be empty"},
            {"authorizer.serviceAccount('ns', 'S A').path('/').check('get').allowed()", "Invalid service account name"},
            {"authorizer.serviceAccount('', 'sa').path('/').check('get').allowed()", "Invalid service account namespace"
            }
        }) {
            assertEquals(
                    wrong[1],
                    assertThrows(CelExpressionException.class, () -> test(wrong[0]))
                            .getMessage());
        }
        assertTrue(asked.isEmpty());
    }

    @Test
    void questionsAreDear() {
        String check = "authorizer.requestResource.check('get').allowed()";
        CelExpressionException stopped = assertThrows(
                CelExpressionException.class, () -> test(check + (" && " + check).repeat(2), CelBudget.ofObject()));
        assertTrue(stopped.budgetExceeded());
        assertEquals(2, asked.size());
    }
}

package io.keelson.apiserver.authz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.request.UserInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessReviewsTest {
    private static final UserInfo JANE = new UserInfo("jane", "", List.of(), Map.of());

    private final List<Attributes> asked = new ArrayList<>();
    private Decision decision = Decision.NO_OPINION;
    private final AccessReviews reviews = new AccessReviews(new Authorizer() {
        @Override
        public Decision authorize(Attributes attributes) {
            asked.add(attributes);
            return decision;
        }
    });

    private static ObjectNode review(String rest) {
        return Yaml.parseObject(
                ("{kind: SubjectAccessReview, " + rest + "}").getBytes(StandardCharsets.UTF_8), new ArrayList<>());
    }

    private static ObjectNode ofSelectors(String selectors) {
        return review("spec: {user: jane, resourceAttributes: {verb: list, resource: pods, namespace: a, " + selectors
                + "}}");
    }

    /** The requirements that reach an authorizer, as a webhook is shown them. */
    private String reached() {
        ObjectNode resource = (ObjectNode)
                AccessReview.specOf(asked.getLast()).path("resourceAttributes").deepCopy();
        resource.retain("fieldSelector", "labelSelector");
        return Json.text(resource).replace('"', '\'');
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            fieldSelector: {rawSelector: 'spec.nodeName=n1,status.phase!=Failed'} | {'fieldSelector':{'requirements':[\
{'key':'spec.nodeName','operator':'In','values':['n1']},{'key':'status.phase','operator':'NotIn','values':['Failed']}]}} | -
            labelSelector: {rawSelector: 'b in (x,y),a,!c'} | {'labelSelector':{'requirements':[\
{'key':'a','operator':'Exists'},{'key':'b','operator':'In','values':['x','y']},{'key':'c','operator':'DoesNotExist'}]}} | -
            fieldSelector: {rawSelector: 'spec.nodeName'} | {} | \
spec.resourceAttributes.fieldSelector ignored due to parse error
            labelSelector: {rawSelector: '=='} | {} | spec.resourceAttributes.labelSelector ignored due to parse error
            fieldSelector: {requirements: [{key: a, operator: In, values: [x]}, {key: b, operator: In, values: [x, y]}]} | \
{'fieldSelector':{'requirements':[{'key':'a','operator':'In','values':['x']}]}} | \
spec.resourceAttributes.fieldSelector partially ignored due to parse error
            fieldSelector: {requirements: [{key: a, operator: Exists}]}, labelSelector: {requirements: [{key: a, \
operator: Resembles, values: [x]}, {key: b, operator: NotIn, values: [z]}]} | \
{'labelSelector':{'requirements':[{'key':'b','operator':'NotIn','values':['z']}]}} | \
spec.resourceAttributes.fieldSelector ignored due to parse error; spec.resourceAttributes.labelSelector partially ignored \
due to parse error
            """)
    void selectorsReachAuthorizersAsThoseOfRequestsDo(String selectors, String reached, String error) {
        ObjectNode answer = reviews.subject(ofSelectors(selectors));
        assertEquals(reached, reached());
        assertEquals(
                error == null ? "" : error, answer.at("/status/evaluationError").asText());
        assertEquals(
                answer.path("status"),
                reviews.self(ofSelectors(selectors), JANE).path("status"));
    }

    @Test
    void whatTheAuthorizerSaysComesBeforeWhatWasLeftOut() {
        decision = new Decision(Decision.Verdict.ALLOW, "", "half of it failed");
        assertEquals(
                "half of it failed; spec.resourceAttributes.fieldSelector ignored due to parse error",
                reviews.subject(ofSelectors("fieldSelector: {rawSelector: x}"))
                        .at("/status/evaluationError")
                        .asText());
    }

    private static String refusal(Runnable call) {
        return assertThrows(ApiException.class, call::run)
                .message()
                .replaceFirst("^[A-Za-z]*.authorization.k8s.io \"\" is invalid: ", "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            fieldSelector: {rawSelector: a=b, requirements: [{key: a, operator: In, values: [b]}]} | \
fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements
            labelSelector: {rawSelector: a=b, requirements: [{key: a, operator: Exists}]} | \
labelSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements
            fieldSelector: {} | fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is \
specified, requirements or rawSelector is required
            labelSelector: {} | labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is \
specified, requirements or rawSelector is required
            fieldSelector: {requirements: [{operator: In, values: [b]}]} | \
fieldSelector.requirements[0].key: Required value: must be specified
            fieldSelector: {requirements: [{key: a, operator: NotIn}]} | fieldSelector.requirements[0].values: \
Required value: must be specified when `operator` is 'In' or 'NotIn'
            labelSelector: {requirements: [{key: a, operator: Exists, values: [b]}]} | \
labelSelector.requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'
            labelSelector: {requirements: [{key: a, operator: In, values: ['-']}]} | \
labelSelector.requirements[0].values[0]: Invalid value: "-": a valid label must be an empty string or consist of \
alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or \
'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
            """)
    void selectorsThatMakeNoSenseAreRefused(String selectors, String why) {
        assertEquals("spec.resourceAttributes." + why, refusal(() -> reviews.subject(ofSelectors(selectors))));
        assertEquals("spec.resourceAttributes." + why, refusal(() -> reviews.self(ofSelectors(selectors), JANE)));
        assertEquals(
                "spec.resourceAttributes." + why, refusal(() -> reviews.localSubject(ofSelectors(selectors), "a")));
    }

    @Test
    void onlyOneThingIsAsked() {
        assertEquals(
                "spec.nonResourceAttributes: Invalid value: {\"path\":\"/x\"}: cannot be specified in combination with"
                        + " resourceAttributes",
                refusal(() -> reviews.subject(
                        review("spec: {user: jane, resourceAttributes: {}, nonResourceAttributes: {path: /x}}"))));
        assertEquals(
                "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or"
                        + " resourceAttributes must be specified",
                refusal(() -> reviews.self(review("spec: {}"), JANE)));
    }

    @Test
    void reviewsHaveNoMetadata() {
        String spec = ", spec: {user: jane, resourceAttributes: {namespace: a}}";
        ObjectNode named = review("metadata: {name: x}" + spec);
        ObjectNode placed = review("metadata: {namespace: a}" + spec);
        assertEquals("metadata: Invalid value: {\"name\":\"x\"}: must be empty", refusal(() -> reviews.subject(named)));
        assertEquals(
                "metadata: Invalid value: {\"name\":\"x\"}: must be empty", refusal(() -> reviews.self(named, JANE)));
        assertEquals(
                "metadata: Invalid value: {\"name\":\"x\"}: must be empty except for namespace",
                refusal(() -> reviews.localSubject(named, "a")));
        assertEquals(
                "metadata: Invalid value: {\"namespace\":\"a\"}: must be empty",
                refusal(() -> reviews.subject(placed)));
        assertEquals(
                "{\"allowed\":false}",
                Json.text(reviews.localSubject(placed, "a").path("status")));
        ObjectNode managed =
                review("metadata: {creationTimestamp: null, labels: {}, managedFields: [{manager: m}]}" + spec);
        assertEquals("{\"allowed\":false}", Json.text(reviews.subject(managed).path("status")));
    }
}

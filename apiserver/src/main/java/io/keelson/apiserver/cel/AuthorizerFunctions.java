package io.keelson.apiserver.cel;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.STRING;

import dev.cel.common.types.OpaqueType;
import io.keelson.apiserver.cel.CelAuthorizer.Decision;
import io.keelson.apiserver.cel.CelAuthorizer.Question;
import io.keelson.apiserver.cel.CelAuthorizer.Verdict;
import io.keelson.apiserver.cel.functions.Cost;
import io.keelson.apiserver.cel.functions.FunctionFailure;
import io.keelson.apiserver.cel.functions.FunctionSet;
import io.keelson.apiserver.validation.Names;
import java.util.List;

/** The functions on {@code authorizer}: a question is put together step by step, {@code check} asks it. */
final class AuthorizerFunctions {
    static final OpaqueType AUTHORIZER = OpaqueType.create("kubernetes.authorization.Authorizer");
    static final OpaqueType RESOURCE_CHECK = OpaqueType.create("kubernetes.authorization.ResourceCheck");

    private static final OpaqueType PATH_CHECK = OpaqueType.create("kubernetes.authorization.PathCheck");
    private static final OpaqueType GROUP_CHECK = OpaqueType.create("kubernetes.authorization.GroupCheck");
    private static final OpaqueType DECISION = OpaqueType.create("kubernetes.authorization.Decision");

    /** What one question costs: as much as a third of what an expression may. */
    private static final Cost CHECK = arguments -> 350_000;

    private AuthorizerFunctions() {}

    /** Who is asked, and about whom: who sent the request if no account is named. */
    record Asked(CelAuthorizer authorizer, List<String> account) {}

    record PathCheck(Asked asked, String path) {}

    record GroupCheck(Asked asked, String group) {}

    /** A question whose verb is missing. */
    record ResourceCheck(
            Asked asked,
            String group,
            String version,
            String resource,
            String subresource,
            String namespace,
            String name,
            String fieldSelector,
            String labelSelector) {
        Question question(String verb) {
            return new Question(
                    asked.account(),
                    "",
                    group,
                    version,
                    resource,
                    subresource,
                    namespace,
                    name,
                    fieldSelector,
                    labelSelector,
                    verb);
        }
    }

    static FunctionSet set() {
        return new FunctionSet()
                .type(AUTHORIZER, Asked.class)
                .type(PATH_CHECK, PathCheck.class)
                .type(GROUP_CHECK, GroupCheck.class)
                .type(RESOURCE_CHECK, ResourceCheck.class)
                .type(DECISION, Decision.class)
                .member(
                        "path",
                        "authorizer_path",
                        Cost.ONE,
                        given -> path((Asked) given[0], (String) given[1]),
                        PATH_CHECK,
                        AUTHORIZER,
                        STRING)
                .member(
                        "group",
                        "authorizer_group",
                        Cost.ONE,
                        given -> new GroupCheck((Asked) given[0], (String) given[1]),
                        GROUP_CHECK,
                        AUTHORIZER,
                        STRING)
                .member(
                        "serviceAccount",
                        "authorizer_serviceaccount",
                        Cost.ONE,
                        given -> account((Asked) given[0], (String) given[1], (String) given[2]),
                        AUTHORIZER,
                        AUTHORIZER,
                        STRING,
                        STRING)
                .member(
                        "resource",
                        "groupcheck_resource",
                        Cost.ONE,
                        given -> resource((GroupCheck) given[0], (String) given[1]),
                        RESOURCE_CHECK,
                        GROUP_CHECK,
                        STRING)
                .member(
                        "subresource",
                        "resourcecheck_subresource",
                        Cost.ONE,
                        given -> subresource((ResourceCheck) given[0], (String) given[1]),
                        RESOURCE_CHECK,
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "namespace",
                        "resourcecheck_namespace",
                        Cost.ONE,
                        given -> namespace((ResourceCheck) given[0], (String) given[1]),
                        RESOURCE_CHECK,
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "name",
                        "resourcecheck_name",
                        Cost.ONE,
                        given -> name((ResourceCheck) given[0], (String) given[1]),
                        RESOURCE_CHECK,
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "fieldSelector",
                        "authorizer_fieldselector",
                        Cost.ONE,
                        given -> fieldSelector((ResourceCheck) given[0], (String) given[1]),
                        RESOURCE_CHECK,
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "labelSelector",
                        "authorizer_labelselector",
                        Cost.ONE,
                        given -> labelSelector((ResourceCheck) given[0], (String) given[1]),
                        RESOURCE_CHECK,
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "check",
                        "pathcheck_check",
                        CHECK,
                        given -> check((PathCheck) given[0], (String) given[1]),
                        DECISION,
                        PATH_CHECK,
                        STRING)
                .member(
                        "check",
                        "resourcecheck_check",
                        CHECK,
                        given -> check((ResourceCheck) given[0], (String) given[1]),
                        DECISION,
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "errored",
                        "decision_errored",
                        Cost.ONE,
                        given -> ((Decision) given[0]).error() != null,
                        BOOL,
                        DECISION)
                .member("error", "decision_error", Cost.ONE, given -> error((Decision) given[0]), STRING, DECISION)
                .member(
                        "allowed",
                        "decision_allowed",
                        Cost.ONE,
                        given -> ((Decision) given[0]).verdict() == Verdict.ALLOWED,
                        BOOL,
                        DECISION)
                .member(
                        "reason",
                        "decision_reason",
                        Cost.ONE,
                        given -> ((Decision) given[0]).reason(),
                        STRING,
                        DECISION);
    }

    private static Object path(Asked asked, String path) {
        if (path.isEmpty()) {
            throw new FunctionFailure("path must not be empty");
        }
        return new PathCheck(asked, path);
    }

    private static Object account(Asked asked, String namespace, String name) {
        if (!Names.dnsSubdomain(name).isEmpty()) {
            throw new FunctionFailure("Invalid service account name");
        }
        if (!Names.dnsLabel(namespace).isEmpty()) {
            throw new FunctionFailure("Invalid service account namespace");
        }
        return new Asked(asked.authorizer(), List.of(namespace, name));
    }

    private static Object resource(GroupCheck check, String resource) {
        if (resource.isEmpty()) {
            throw new FunctionFailure("resource must not be empty");
        }
        return new ResourceCheck(check.asked(), check.group(), "*", resource, "", "", "", "", "");
    }

    private static Object subresource(ResourceCheck check, String subresource) {
        return new ResourceCheck(
                check.asked(),
                check.group(),
                check.version(),
                check.resource(),
                subresource,
                check.namespace(),
                check.name(),
                check.fieldSelector(),
                check.labelSelector());
    }

    private static Object namespace(ResourceCheck check, String namespace) {
        return new ResourceCheck(
                check.asked(),
                check.group(),
                check.version(),
                check.resource(),
                check.subresource(),
                namespace,
                check.name(),
                check.fieldSelector(),
                check.labelSelector());
    }

    private static Object name(ResourceCheck check, String name) {
        return new ResourceCheck(
                check.asked(),
                check.group(),
                check.version(),
                check.resource(),
                check.subresource(),
                check.namespace(),
                name,
                check.fieldSelector(),
                check.labelSelector());
    }

    private static Object fieldSelector(ResourceCheck check, String selector) {
        return new ResourceCheck(
                check.asked(),
                check.group(),
                check.version(),
                check.resource(),
                check.subresource(),
                check.namespace(),
                check.name(),
                selector,
                check.labelSelector());
    }

    private static Object labelSelector(ResourceCheck check, String selector) {
        return new ResourceCheck(
                check.asked(),
                check.group(),
                check.version(),
                check.resource(),
                check.subresource(),
                check.namespace(),
                check.name(),
                check.fieldSelector(),
                selector);
    }

    private static Object check(PathCheck check, String verb) {
        Asked asked = check.asked();
        return asked.authorizer()
                .check(new Question(asked.account(), check.path(), "", "", "", "", "", "", "", "", verb));
    }

    private static Object check(ResourceCheck check, String verb) {
        return check.asked().authorizer().check(check.question(verb));
    }

    private static Object error(Decision decision) {
        String error = decision.error();
        return error == null ? "" : error;
    }
}

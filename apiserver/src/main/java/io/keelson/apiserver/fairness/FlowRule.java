package io.keelson.apiserver.fairness;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.List;

/** Requests of some subjects for some resources or paths. */
record FlowRule(List<Subject> subjects, List<Resources> resources, List<Paths> paths) {
    private static final String ALL = "*";
    private static final String ACCOUNT = "system:serviceaccount:";

    FlowRule {
        subjects = List.copyOf(subjects);
        resources = List.copyOf(resources);
        paths = List.copyOf(paths);
    }

    /** Who asks. */
    sealed interface Subject {
        boolean fits(UserInfo user);
    }

    private record User(String name) implements Subject {
        @Override
        public boolean fits(UserInfo user) {
            return name.equals(ALL) || name.equals(user.name());
        }
    }

    private record Group(String name) implements Subject {
        @Override
        public boolean fits(UserInfo user) {
            return name.equals(ALL) || user.in(name);
        }
    }

    /** @param prefix what the user's name begins with, or is if it is one account */
    private record Account(String prefix, boolean whole) implements Subject {
        @Override
        public boolean fits(UserInfo user) {
            return whole ? user.name().equals(prefix) : user.name().startsWith(prefix);
        }
    }

    /** Nobody: a kind of subject that is not known. */
    private record Nobody() implements Subject {
        @Override
        public boolean fits(UserInfo user) {
            return false;
        }
    }

    /** Some verbs on some resources. */
    record Resources(Texts verbs, Texts groups, Texts resources, Texts namespaces, boolean clusterScope) {
        boolean fits(RequestInfo request) {
            return verbs.has(request.verb())
                    && groups.has(request.group())
                    && resources.has(
                            request.subresource().isEmpty()
                                    ? request.resource()
                                    : request.resource() + "/" + request.subresource())
                    && (request.namespace().isEmpty() ? clusterScope : namespaces.has(request.namespace()));
        }
    }

    /** Some verbs on some paths. */
    record Paths(Texts verbs, Texts paths) {
        boolean fits(RequestInfo request) {
            return verbs.has(request.verb()) && (paths.has(request.path()) || paths.hasParentOf(request.path()));
        }
    }

    /** A list of texts, or all. */
    record Texts(boolean all, List<String> texts) {
        static Texts of(JsonNode list) {
            List<String> texts = new ArrayList<>();
            list.forEach(text -> texts.add(text.asText("")));
            return new Texts(texts.contains(ALL), List.copyOf(texts));
        }

        boolean has(String text) {
            return all || texts.contains(text);
        }

        /** Whether one of them is {@code /some/path/*} and what is asked for lies there. */
        boolean hasParentOf(String path) {
            for (String text : texts) {
                if (text.endsWith("*")) {
                    String parent = text.substring(0, text.length() - 1);
                    if (path.startsWith(parent.endsWith("/") ? parent : parent + "/")) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    static FlowRule of(JsonNode rule) {
        List<Subject> subjects = new ArrayList<>();
        List<Resources> resources = new ArrayList<>();
        List<Paths> paths = new ArrayList<>();
        rule.path("subjects").forEach(subject -> subjects.add(subject(subject)));
        rule.path("resourceRules")
                .forEach(one -> resources.add(new Resources(
                        Texts.of(one.path("verbs")),
                        Texts.of(one.path("apiGroups")),
                        Texts.of(one.path("resources")),
                        Texts.of(one.path("namespaces")),
                        one.path("clusterScope").asBoolean())));
        rule.path("nonResourceRules")
                .forEach(one ->
                        paths.add(new Paths(Texts.of(one.path("verbs")), Texts.of(one.path("nonResourceURLs")))));
        return new FlowRule(subjects, resources, paths);
    }

    private static Subject subject(JsonNode subject) {
        return switch (subject.path("kind").asText("")) {
            case "User" -> new User(subject.path("user").path("name").asText(""));
            case "Group" -> new Group(subject.path("group").path("name").asText(""));
            case "ServiceAccount" -> {
                JsonNode account = subject.path("serviceAccount");
                String namespace = ACCOUNT + account.path("namespace").asText("") + ":";
                String name = account.path("name").asText("");
                yield name.equals(ALL) ? new Account(namespace, false) : new Account(namespace + name, true);
            }
            default -> new Nobody();
        };
    }

    boolean fits(UserInfo user, RequestInfo request) {
        if (!fits(user)) {
            return false;
        }
        if (request.resourceRequest()) {
            for (Resources one : resources) {
                if (one.fits(request)) {
                    return true;
                }
            }
            return false;
        }
        for (Paths one : paths) {
            if (one.fits(request)) {
                return true;
            }
        }
        return false;
    }

    private boolean fits(UserInfo user) {
        for (Subject subject : subjects) {
            if (subject.fits(user)) {
                return true;
            }
        }
        return false;
    }
}

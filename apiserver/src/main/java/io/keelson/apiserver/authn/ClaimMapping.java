package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.values.NullValue;
import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How something about a user comes out of a token's claims. */
public sealed interface ClaimMapping {
    /** The values: of text one, of a list all; none if there is nothing. */
    List<String> values(ObjectNode claims, Map<String, Object> variables) throws AuthenticationException;

    /** One value, which must be there. */
    default String value(String what, ObjectNode claims, Map<String, Object> variables) throws AuthenticationException {
        List<String> values = values(claims, variables);
        if (values.size() != 1) {
            throw new AuthenticationException("oidc: error evaluating " + what + ": claim not present or not a string");
        }
        return values.getFirst();
    }

    /** No mapping. */
    record Nothing() implements ClaimMapping {
        @Override
        public List<String> values(ObjectNode claims, Map<String, Object> variables) {
            return List.of();
        }
    }

    /** A claim by name, with something put before each value. */
    record ByClaim(String claim, String prefix) implements ClaimMapping {
        @Override
        public List<String> values(ObjectNode claims, Map<String, Object> variables) throws AuthenticationException {
            JsonNode value = claims.path(claim);
            if (value.isMissingNode() || value.isNull()) {
                return List.of();
            }
            List<String> values = new ArrayList<>();
            for (JsonNode element : value.isArray() ? value : List.of(value)) {
                if (!element.isTextual()) {
                    throw new AuthenticationException(
                            "oidc: claim \"" + claim + "\" is neither a string nor a list of strings");
                }
                values.add(prefix + element.textValue());
            }
            return values;
        }
    }

    /** What an expression makes of them. */
    record ByExpression(CelExpression expression) implements ClaimMapping {
        @Override
        public List<String> values(ObjectNode claims, Map<String, Object> variables) throws AuthenticationException {
            Object result;
            try {
                result = expression.evaluate(variables, CelBudget.ofExpression());
            } catch (CelExpressionException e) {
                throw new AuthenticationException(
                        "oidc: expression '" + expression + "' resulted in error: " + e.getMessage());
            }
            return switch (result) {
                case String text -> text.isEmpty() ? List.of() : List.of(text);
                case NullValue _ -> List.of();
                case List<?> list -> {
                    List<String> values = new ArrayList<>();
                    for (Object element : list) {
                        if (!(element instanceof String text)) {
                            throw new AuthenticationException("oidc: expression must return a list of strings");
                        }
                        values.add(text);
                    }
                    yield values;
                }
                default ->
                    throw new AuthenticationException("oidc: expression must return a string or a list of strings");
            };
        }
    }
}

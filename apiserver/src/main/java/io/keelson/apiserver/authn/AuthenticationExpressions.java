package io.keelson.apiserver.authn;

import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.keelson.apiserver.cel.CelEnvironment;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.CelResult;
import io.keelson.apiserver.cel.PlainTypes;
import io.keelson.apiserver.object.GoText;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * The expressions of an AuthenticationConfiguration. Of {@code claims} nothing is known before there is a token; a {@code
 * user} has the fields of a UserInfo and no others. A rule has to be known to be true or false before it runs, so that one
 * of {@code claims.email_verified} alone is refused: it would let in whoever says {@code "false"} as text.
 */
final class AuthenticationExpressions {
    private static final CelEnvironment CLAIMS = CelEnvironment.standard().with("claims", SimpleType.DYN);
    private static final CelEnvironment USER = user();

    private AuthenticationExpressions() {}

    private static CelEnvironment user() {
        PlainTypes types = new PlainTypes();
        ListType texts = ListType.create(SimpleType.STRING);
        StructType user = types.add(
                "kubernetes.UserInfo",
                Map.of(
                        "username",
                        SimpleType.STRING,
                        "uid",
                        SimpleType.STRING,
                        "groups",
                        texts,
                        "extra",
                        MapType.create(SimpleType.STRING, texts)));
        return CelEnvironment.standard().withTypes(types.provider()).with("user", user);
    }

    /**
     * What makes something of claims; its result is looked at when it is there.
     *
     * @throws IOException naming the place if it does not compile
     */
    static CelExpression mapping(String text, String path) throws IOException {
        return compile(CLAIMS, text, CelResult.ANY, path);
    }

    /** Something that must be true of claims. */
    static CelExpression claimRule(String text, String path) throws IOException {
        return compile(CLAIMS, text, CelResult.BOOL, path);
    }

    /** Something that must be true of a user. */
    static CelExpression userRule(String text, String path) throws IOException {
        return compile(USER, text, CelResult.BOOL, path);
    }

    private static CelExpression compile(CelEnvironment environment, String text, CelResult wanted, String path)
            throws IOException {
        if (text.isEmpty()) {
            throw new IOException(path + ": Required value: expression is required");
        }
        try {
            return environment.compile(text, Set.of(wanted));
        } catch (CelExpressionException e) {
            throw new IOException(path + ": Invalid value: " + GoText.quoted(text) + ": " + e.getMessage(), e);
        }
    }
}

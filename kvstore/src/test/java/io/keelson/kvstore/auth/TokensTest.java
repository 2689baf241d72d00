package io.keelson.kvstore.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokensTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder = Path.of("");

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final AtomicLong nanos = new AtomicLong();
    private final SimpleTokens simple = new SimpleTokens(300, nanos::get);

    private Tokens tokens(String option) throws IOException {
        return Tokens.of(option, 300, nanos::get, now::get);
    }

    private JwtTokens jwt(String options) throws IOException {
        return assertInstanceOf(JwtTokens.class, tokens("jwt," + options));
    }

    private Path write(String name, Object... keys) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            for (Object key : keys) {
                pem.writeObject(key);
            }
        }
        return Files.writeString(folder.resolve(name), text.toString());
    }

    /** A private key as OpenSSL writes it today. */
    private Path writePkcs8(String name, PrivateKey key) throws IOException {
        return write(name, new PemObject("PRIVATE KEY", key.getEncoded()));
    }

    /** A private key as OpenSSL wrote it long ago, behind its parameters. */
    private Path writeSec1(String name, KeyPair pair) throws IOException {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded());
        ASN1ObjectIdentifier curve =
                ASN1ObjectIdentifier.getInstance(info.getPrivateKeyAlgorithm().getParameters());
        org.bouncycastle.asn1.sec.ECPrivateKey key = new org.bouncycastle.asn1.sec.ECPrivateKey(
                256, ((java.security.interfaces.ECPrivateKey) pair.getPrivate()).getS(), curve);
        return write(
                name,
                new PemObject("EC PARAMETERS", curve.getEncoded()),
                new PemObject("EC PRIVATE KEY", key.getEncoded()));
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static KeyPair ec(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    @Test
    void aSimpleTokenHoldsForItsTimeToLiveAfterTheLastUse() {
        simple.assign("abc.7", "alice");
        for (int i = 0; i < 5; i++) {
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(299));
            assertEquals(new RequestUser("alice", 42), simple.recognise("abc.7", 42));
        }
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(301));
        assertNull(simple.recognise("abc.7", 42));
        assertEquals(0, simple.count());
    }

    @Test
    void theTokenUnusedForLongestMakesRoomWhenThereAreTooMany() {
        for (int i = 0; i < SimpleTokens.TOKENS_MAX; i++) {
            simple.assign("t." + i, "alice");
        }
        simple.use("t.0");
        simple.assign("new.1", "bob");

        assertEquals(SimpleTokens.TOKENS_MAX, simple.count());
        assertEquals("alice", simple.use("t.0"));
        assertNull(simple.use("t.1"));
        assertEquals("bob", simple.use("new.1"));
    }

    @Test
    void aSimpleTokenIsSixteenLettersADotAndAnIndex() {
        String prefix = simple.newPrefix();
        assertTrue(prefix.matches("[a-zA-Z]{16}"), prefix);
        assertTrue(SimpleTokens.wellFormed(prefix + ".12"));
        for (String odd : List.of("", ".", "a.", "a", "a.b", "a.1.2", "a.-1", "a.123456789012345678901")) {
            assertFalse(SimpleTokens.wellFormed(odd), odd);
        }
    }

    @Test
    void everyAlgorithmSignsAndChecks() throws Exception {
        KeyPair rsa = rsa();
        write("rsa", rsa.getPrivate());
        write("rsa.pub", rsa.getPublic());
        for (String method : List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")) {
            signsAndChecks(method, "rsa");
        }
        for (List<String> pair :
                List.of(List.of("ES256", "secp256r1"), List.of("ES384", "secp384r1"), List.of("ES512", "secp521r1"))) {
            KeyPair ec = ec(pair.get(1));
            writePkcs8("ec", ec.getPrivate());
            write("ec.pub", ec.getPublic());
            signsAndChecks(pair.get(0), "ec");
        }
        KeyPair ed = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        writePkcs8("ed", ed.getPrivate());
        write("ed.pub", ed.getPublic());
        signsAndChecks("EdDSA", "ed");
        Files.writeString(folder.resolve("secret"), "short");
        for (String method : List.of("HS256", "HS384", "HS512")) {
            JwtTokens tokens = jwt("sign-method=" + method + ",priv-key=" + folder.resolve("secret"));
            assertEquals(new RequestUser("alice", 9), tokens.recognise(tokens.sign("alice", 9), 1));
        }
    }

    @Test
    void keysAreReadInTheirOlderForms() throws Exception {
        KeyPair ec = ec("secp256r1");
        writeSec1("ec", ec);
        write("ec.pub", ec.getPublic());
        signsAndChecks("ES256", "ec");
        KeyPair rsa = rsa();
        writePkcs8("rsa", rsa.getPrivate());
        write("rsa.pub", rsa.getPublic());
        signsAndChecks("RS256", "rsa");
    }

    private void signsAndChecks(String method, String file) throws IOException {
        Path privateKey = folder.resolve(file);
        Path publicKey = folder.resolve(file + ".pub");
        JwtTokens both = jwt("sign-method=" + method + ",priv-key=" + privateKey + ",pub-key=" + publicKey);
        JwtTokens alone = jwt("sign-method=" + method + ",priv-key=" + privateKey);
        JwtTokens checking = jwt("sign-method=" + method + ",pub-key=" + publicKey);
        assertTrue(both.signs());
        assertTrue(alone.signs());
        assertFalse(checking.signs());
        for (JwtTokens signer : List.of(both, alone)) {
            String token = signer.sign("älice", 9);
            for (JwtTokens checker : List.of(both, alone, checking)) {
                assertEquals(new RequestUser("älice", 9), checker.recognise(token, 1));
                assertNull(checker.recognise(token.substring(0, token.length() - 4) + "AAAA", 1));
            }
        }
    }

    @Test
    void aKeyThatCannotBeReadIsNamed() {
        Path absent = folder.resolve("absent.pem");
        IOException e = assertThrows(IOException.class, () -> jwt("sign-method=RS256,priv-key=" + absent));
        assertEquals("--auth-token: cannot read priv-key " + absent + ": no such file or directory", e.getMessage());
    }

    @Test
    void aJwtExpires() throws Exception {
        Files.writeString(folder.resolve("secret"), "a secret that is long enough for every taste");
        JwtTokens tokens = jwt("sign-method=HS256,ttl=1m30s,priv-key=" + folder.resolve("secret"));
        String token = tokens.sign("alice", 9);

        now.set(NOW.plusSeconds(89));
        assertEquals(new RequestUser("alice", 9), tokens.recognise(token, 1));
        now.set(NOW.plusSeconds(90));
        assertNull(tokens.recognise(token, 1));
    }

    @Test
    void theAlgorithmThatATokenClaimsIsNotFollowed() throws Exception {
        KeyPair rsa = rsa();
        Path privateKey = write("rsa", rsa.getPrivate());
        Path publicKey = write("rsa.pub", rsa.getPublic());
        JwtTokens honest = jwt("sign-method=RS256,priv-key=" + privateKey);
        // The public key is public: as a shared secret it would let anybody sign.
        JwtTokens forged = jwt("sign-method=HS256,priv-key=" + publicKey);
        assertNull(honest.recognise(forged.sign("root", 9), 1));
        String claims =
                Base64URL.encode("{\"username\":\"root\",\"revision\":9}").toString();
        String none = Base64URL.encode("{\"alg\":\"none\"}").toString();
        for (String token :
                List.of(none + "." + claims + ".", none + "." + claims + ".x", "", "..", "a.b.c", "abc.7")) {
            assertNull(honest.recognise(token, 1), token);
        }
    }

    @Test
    void aJwtWithoutAUserOrARevisionIsNoToken() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "s");
        JwtKey key = JwtKey.of("HS256", null, "s".getBytes(StandardCharsets.US_ASCII));
        JwtTokens tokens = jwt("sign-method=HS256,priv-key=" + secret);
        for (String claims : List.of(
                "{}",
                "{\"username\":\"alice\"}",
                "{\"revision\":3}",
                "{\"username\":7,\"revision\":3}",
                "{\"username\":\"\",\"revision\":3}",
                "{\"username\":\"alice\",\"revision\":\"3\"}",
                "{\"username\":\"alice\",\"revision\":-3}",
                "[]",
                "not json")) {
            assertNull(tokens.recognise(signed(key, claims), 1), claims);
        }
        assertEquals(
                new RequestUser("alice", 3),
                tokens.recognise(signed(key, "{\"username\":\"alice\",\"revision\":3.0}"), 1));
    }

    private static String signed(JwtKey key, String claims) throws Exception {
        String input = Base64URL.encode("{\"alg\":\"HS256\"}") + "." + Base64URL.encode(claims);
        return input + "." + key.sign(new JWSHeader(JWSAlgorithm.HS256), input.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void optionsThatCannotBeUsedAreNamed() throws Exception {
        KeyPair rsa = rsa();
        Path privateKey = write("rsa", rsa.getPrivate());
        Path other = write("other.pub", rsa().getPublic());
        Path ec = writePkcs8("ec", ec("secp256r1").getPrivate());
        Path empty = Files.writeString(folder.resolve("empty"), "");
        for (String option : List.of(
                "magic",
                "",
                "jwt",
                "jwt,sign-method=RS256",
                "jwt,sign-method=none,priv-key=" + privateKey,
                "jwt,sign-method=RS257,priv-key=" + privateKey,
                "jwt,sign-method",
                "jwt,sign-method=RS256,sign-method=RS256",
                "jwt,sign-method=RS256,colour=red,priv-key=" + privateKey,
                "jwt,sign-method=RS256,ttl=soon,priv-key=" + privateKey,
                "jwt,sign-method=RS256,priv-key=" + privateKey + ",pub-key=" + other,
                "jwt,sign-method=RS256,priv-key=" + ec,
                "jwt,sign-method=EdDSA,priv-key=" + ec,
                "jwt,sign-method=RS256,priv-key=" + empty,
                "jwt,sign-method=HS256,priv-key=" + empty)) {
            String message = assertThrows(IllegalArgumentException.class, () -> tokens(option), option)
                    .getMessage();
            assertTrue(message != null && message.startsWith("--auth-token: "), message);
        }
        assertThrows(IOException.class, () -> tokens("jwt,sign-method=RS256,priv-key=" + folder.resolve("missing")));
        assertInstanceOf(SimpleTokens.class, tokens("simple"));
    }
}

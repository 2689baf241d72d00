package io.keelson.apiserver.kinds.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.Set;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/**
 * The key that a pod wants a certificate for, and the proof that whoever asks has it: a request (PKCS #10) that is signed with
 * it, or the key and a signature of the pod's uid.
 */
final class RequestedKey {
    private static final int REQUEST_BYTES_MAX = 10 * 1024;
    private static final Set<Integer> RSA_BITS = Set.of(3072, 4096);
    private static final Set<Integer> CURVE_BITS = Set.of(256, 384, 521);

    private RequestedKey() {}

    /** Says what is wrong with the key of a request. */
    static void validate(Place spec) {
        Place stub = spec.at("stubPKCS10Request");
        Place key = spec.at("pkixPublicKey");
        Place proof = spec.at("proofOfPossession");
        for (Place each : new Place[] {stub, key, proof}) {
            // In base64 it is a third longer.
            if (each.text().length() / 4 * 3 > REQUEST_BYTES_MAX + 3) {
                each.tooLong(REQUEST_BYTES_MAX);
                return;
            }
        }
        if (stub.filled()) {
            ofRequest(stub);
        } else if (key.filled() || proof.filled()) {
            ofProof(key, proof, spec.at("podUID").text());
        } else {
            stub.required("must be a PKCS #10 request, in DER");
        }
    }

    private static void ofRequest(Place stub) {
        try {
            PKCS10CertificationRequest request = new PKCS10CertificationRequest(bytes(stub.text()));
            String wrong = wrong(converted(request.getSubjectPublicKeyInfo()));
            if (!wrong.isEmpty()) {
                stub.invalid(null, wrong);
            } else if (!request.isSignatureValid(
                    new JcaContentVerifierProviderBuilder().build(request.getSubjectPublicKeyInfo()))) {
                stub.invalid(null, "could not verify proof-of-possession signature");
            }
        } catch (IOException | PKCSException | OperatorCreationException | RuntimeException e) {
            // Whatever the library stumbles over, the request is not one.
            stub.invalid(null, "must be a valid PKCS #10 request, in DER: " + e.getMessage());
        }
    }

    private static void ofProof(Place place, Place proof, String podUid) {
        PublicKey key = key(place.text());
        if (key == null) {
            place.invalid(null, "must be a valid PKIX-serialized public key");
            return;
        }
        String wrong = wrong(key);
        if (!wrong.isEmpty()) {
            place.invalid(null, wrong);
            return;
        }
        try {
            Signature signature = signature(key);
            signature.initVerify(key);
            signature.update(podUid.getBytes(StandardCharsets.UTF_8));
            if (!signature.verify(bytes(proof.text()))) {
                proof.invalid(null, "could not verify proof-of-possession signature");
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            proof.invalid(null, "could not verify proof-of-possession signature");
        }
    }

    private static Signature signature(PublicKey key) throws GeneralSecurityException {
        if (!(key instanceof RSAPublicKey)) {
            return Signature.getInstance(key instanceof ECPublicKey ? "SHA256withECDSA" : "Ed25519");
        }
        Signature signature = Signature.getInstance("RSASSA-PSS");
        signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        return signature;
    }

    /** What is wrong with a kind of key; empty if nothing is. */
    private static String wrong(PublicKey key) {
        return switch (key) {
            case RSAPublicKey rsa ->
                RSA_BITS.contains(rsa.getModulus().bitLength()) ? "" : "RSA keys must have modulus size 3072 or 4096";
            case ECPublicKey curve ->
                CURVE_BITS.contains(curve.getParams().getCurve().getField().getFieldSize())
                        ? ""
                        : "elliptic public keys must use curve P256 or P384";
            case EdECPublicKey edwards ->
                edwards.getParams().getName().equals("Ed25519")
                        ? ""
                        : "unknown public key type; supported types are Ed25519, ECDSA, and RSA";
            default -> "unknown public key type; supported types are Ed25519, ECDSA, and RSA";
        };
    }

    /** The key that a request is for, as it was checked when it came; null if there is none. */
    static @Nullable PublicKey of(JsonNode spec) {
        String stub = spec.path("stubPKCS10Request").asText("");
        if (stub.isEmpty()) {
            return key(spec.path("pkixPublicKey").asText(""));
        }
        try {
            return converted(new PKCS10CertificationRequest(bytes(stub)).getSubjectPublicKeyInfo());
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    private static @Nullable PublicKey key(String base64) {
        try {
            return converted(SubjectPublicKeyInfo.getInstance(bytes(base64)));
        } catch (PEMException | RuntimeException e) {
            return null;
        }
    }

    private static PublicKey converted(SubjectPublicKeyInfo key) throws PEMException {
        return new JcaPEMKeyConverter().getPublicKey(key);
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }
}

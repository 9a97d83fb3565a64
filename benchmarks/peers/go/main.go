// Go's standard library: net/http and crypto/ecdsa.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const limit = 256 * 1024

type event struct {
	Name             string         `json:"name"`
	ID               string         `json:"id"`
	BootstrapTokenID string         `json:"bootstrapTokenId"`
	Data             map[string]any `json:"data"`
}

func main() {
	key, err := parseKey(os.Getenv("TOPPER_WEBHOOK_PUBLIC_KEY"))
	if err != nil {
		log.Fatal("TOPPER_WEBHOOK_PUBLIC_KEY: ", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/webhooks/topper", func(w http.ResponseWriter, r *http.Request) { receive(w, r, key) })
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening")
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.Serve(listener))
}

func receive(w http.ResponseWriter, r *http.Request, key *ecdsa.PublicKey) {
	if r.Method != http.MethodPost {
		reply(w, http.StatusMethodNotAllowed, "method_not_allowed")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		reply(w, http.StatusRequestEntityTooLarge, "body_too_large")
		return
	}
	if err != nil {
		reply(w, http.StatusBadRequest, "body_incomplete")
		return
	}
	signature := r.Header.Get("X-Topper-JWS-Signature")
	if signature == "" {
		reply(w, http.StatusUnauthorized, "signature_missing")
		return
	}
	if !verify(key, signature, body) {
		reply(w, http.StatusUnauthorized, "signature_invalid")
		return
	}
	var received event
	if json.Unmarshal(body, &received) != nil {
		reply(w, http.StatusBadRequest, "event_unreadable")
		return
	}
	reply(w, http.StatusOK, "processed")
}

func reply(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, code)
}

// verify checks a detached JWS (RFC 7515, appendix F), of ES256 only.
func verify(key *ecdsa.PublicKey, token string, body []byte) bool {
	header, encoded, found := strings.Cut(token, "..")
	if !found || !isES256(header) {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(signature) != 64 {
		return false
	}
	digest := sha256.Sum256([]byte(header + "." + base64.RawURLEncoding.EncodeToString(body)))
	r := new(big.Int).SetBytes(signature[:32])
	s := new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(key, digest[:], r, s)
}

func isES256(encoded string) bool {
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return false
	}
	var header struct {
		Alg  string   `json:"alg"`
		Crit []string `json:"crit"`
	}
	return json.Unmarshal(text, &header) == nil && header.Alg == "ES256" && header.Crit == nil
}

func parseKey(text string) (*ecdsa.PublicKey, error) {
	var jwk struct{ Kty, Crv, X, Y string }
	if err := json.Unmarshal([]byte(text), &jwk); err != nil {
		return nil, errors.New("not a JWK")
	}
	x, errX := base64.RawURLEncoding.DecodeString(jwk.X)
	y, errY := base64.RawURLEncoding.DecodeString(jwk.Y)
	if jwk.Kty != "EC" || jwk.Crv != "P-256" || errX != nil || errY != nil {
		return nil, errors.New("not a JWK of P-256")
	}
	key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
	if !key.Curve.IsOnCurve(key.X, key.Y) {
		return nil, errors.New("not a point of P-256")
	}
	return key, nil
}

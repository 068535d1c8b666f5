// The RWKV-7 state update with decay and rate constant in time, forward and backward, a longest-match tokenizer, and a range coder.
#include <torch/extension.h>
#include <cstring>
#include <string>
#include <vector>

namespace {

// State of one head: S[i * N + j], i the value index and j the key index.
template <int N>
void step(float* S, const float* k, const float* v, const float* kk, const float* w, const float* a) {
  for (int i = 0; i < N; i++) {
    float* s = S + i * N;
    float removal = 0;
    #pragma omp simd reduction(+ : removal)
    for (int j = 0; j < N; j++) removal += s[j] * kk[j];
    #pragma omp simd
    for (int j = 0; j < N; j++) s[j] = s[j] * w[j] - removal * kk[j] * a[j] + v[i] * k[j];
  }
}

template <int N>
void forward_head(int T, int stride, const float* r, const float* k, const float* v, const float* kk,
                  const float* w, const float* a, float* y) {
  float S[N * N] = {};
  for (int t = 0; t < T; t++) {
    size_t o = (size_t)t * stride;
    step<N>(S, k + o, v + o, kk + o, w, a);
    for (int i = 0; i < N; i++) {
      float acc = 0;
      #pragma omp simd reduction(+ : acc)
      for (int j = 0; j < N; j++) acc += S[i * N + j] * r[o + j];
      y[o + i] = acc;
    }
  }
}

template <int N>
void backward_head(int T, int stride, const float* r, const float* k, const float* v, const float* kk,
                   const float* w, const float* a, const float* dy, float* dr, float* dk, float* dv,
                   float* dkk, float* dw, float* da, float* history) {
  float S[N * N] = {};
  for (int t = 0; t < T; t++) {
    size_t o = (size_t)t * stride;
    memcpy(history + (size_t)t * N * N, S, sizeof S);
    step<N>(S, k + o, v + o, kk + o, w, a);
  }
  float dS[N * N] = {};
  for (int t = T - 1; t >= 0; t--) {
    size_t o = (size_t)t * stride;
    const float *rt = r + o, *kt = k + o, *vt = v + o, *qt = kk + o, *gt = dy + o;
    const float* P = history + (size_t)t * N * N;
    float drj[N] = {}, dkj[N] = {}, dqj[N] = {};
    for (int i = 0; i < N; i++) {
      float *d = dS + i * N, *s = S + i * N;
      const float* p = P + i * N;
      float removal = 0, dvi = 0, dremoval = 0, g = gt[i], vi = vt[i];
      #pragma omp simd reduction(+ : removal, dvi, dremoval)
      for (int j = 0; j < N; j++) {
        d[j] += g * rt[j];
        drj[j] += s[j] * g;
        removal += p[j] * qt[j];
        dvi += d[j] * kt[j];
        dkj[j] += d[j] * vi;
        dremoval -= d[j] * qt[j] * a[j];
        dw[j] += d[j] * p[j];
      }
      #pragma omp simd
      for (int j = 0; j < N; j++) {
        da[j] -= d[j] * removal * qt[j];
        dqj[j] += dremoval * p[j] - d[j] * removal * a[j];
        d[j] = d[j] * w[j] + dremoval * qt[j];
      }
      dv[o + i] = dvi;
    }
    memcpy(S, P, sizeof S);
    memcpy(dr + o, drj, sizeof drj);
    memcpy(dk + o, dkj, sizeof dkj);
    memcpy(dkk + o, dqj, sizeof dqj);
  }
}

using torch::Tensor;
float* ptr(const Tensor& t) { return t.data_ptr<float>(); }

template <int N>
void run_forward(const std::vector<Tensor>& x, const Tensor& y) {
  int B = y.size(0), T = y.size(1), H = y.size(2), stride = H * N;
  at::parallel_for(0, B * H, 1, [&](int64_t lo, int64_t hi) {
    for (int64_t q = lo; q < hi; q++) {
      int h = q % H;
      size_t o = (size_t)(q / H) * T * stride + h * N;
      forward_head<N>(T, stride, ptr(x[0]) + o, ptr(x[1]) + o, ptr(x[2]) + o, ptr(x[3]) + o,
                      ptr(x[4]) + h * N, ptr(x[5]) + h * N, ptr(y) + o);
    }
  });
}

template <int N>
void run_backward(const std::vector<Tensor>& x, const Tensor& dy, const std::vector<Tensor>& g) {
  int B = dy.size(0), T = dy.size(1), H = dy.size(2), stride = H * N;
  auto dw = torch::zeros({B, H, N}), da = torch::zeros({B, H, N});
  at::parallel_for(0, B * H, 1, [&](int64_t lo, int64_t hi) {
    std::vector<float> history((size_t)T * N * N);
    for (int64_t q = lo; q < hi; q++) {
      int h = q % H;
      size_t o = (size_t)(q / H) * T * stride + h * N;
      backward_head<N>(T, stride, ptr(x[0]) + o, ptr(x[1]) + o, ptr(x[2]) + o, ptr(x[3]) + o,
                       ptr(x[4]) + h * N, ptr(x[5]) + h * N, ptr(dy) + o, ptr(g[0]) + o, ptr(g[1]) + o,
                       ptr(g[2]) + o, ptr(g[3]) + o, ptr(dw) + q * N, ptr(da) + q * N, history.data());
    }
  });
  g[4].copy_(dw.sum(0));
  g[5].copy_(da.sum(0));
}

#define WITH_HEAD_SIZE(n, call)                     \
  switch (n) {                                      \
    case 16: { constexpr int N = 16; call; break; } \
    case 32: { constexpr int N = 32; call; break; } \
    default: TORCH_CHECK(false, "head size");       \
  }

Tensor forward(Tensor r, Tensor k, Tensor v, Tensor kk, Tensor w, Tensor a) {
  std::vector<Tensor> x{r.contiguous(), k.contiguous(), v.contiguous(), kk.contiguous(), w.contiguous(), a.contiguous()};
  auto y = torch::empty_like(x[0]);
  WITH_HEAD_SIZE(y.size(3), run_forward<N>(x, y));
  return y;
}

std::vector<Tensor> backward(Tensor r, Tensor k, Tensor v, Tensor kk, Tensor w, Tensor a, Tensor dy) {
  std::vector<Tensor> x{r.contiguous(), k.contiguous(), v.contiguous(), kk.contiguous(), w.contiguous(), a.contiguous()}, g;
  for (auto& t : x) g.push_back(torch::empty_like(t));
  auto d = dy.contiguous();
  WITH_HEAD_SIZE(d.size(3), run_backward<N>(x, d, g));
  return g;
}

// Cross-entropy (nats) of tokens spelled by binary decisions, each a logistic of one row of `head`.
// `offsets[t] .. offsets[t + 1]` are token t's entries of `nodes` and `bits`.
struct Paths {
  const int64_t *offsets, *nodes, *bits;
  Paths(const Tensor& o, const Tensor& n, const Tensor& b)
      : offsets(o.data_ptr<int64_t>()), nodes(n.data_ptr<int64_t>()), bits(b.data_ptr<int64_t>()) {}
};

float dot(const float* x, const float* y, int n) {
  float sum = 0;
  #pragma omp simd reduction(+ : sum)
  for (int i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

void axpy(float* y, float a, const float* x, int n) {
  #pragma omp simd
  for (int i = 0; i < n; i++) y[i] += a * x[i];
}

float nats(float x, bool bit) {
  x = bit ? x : -x;
  return x > 0 ? std::log1p(std::exp(-x)) : std::log1p(std::exp(x)) - x;
}

Tensor tree_loss(Tensor h, Tensor head, Tensor bias, Tensor target, Tensor offsets, Tensor nodes, Tensor bits) {
  int64_t m = h.size(0);
  int d = h.size(1);
  auto loss = torch::empty({m});
  Paths p(offsets, nodes, bits);
  const int64_t* t = target.data_ptr<int64_t>();
  float *ph = ptr(h), *pw = ptr(head), *pb = ptr(bias), *out = ptr(loss);
  at::parallel_for(0, m, 64, [&](int64_t lo, int64_t hi) {
    for (int64_t i = lo; i < hi; i++) {
      float sum = 0;
      for (int64_t j = p.offsets[t[i]]; j < p.offsets[t[i] + 1]; j++) {
        float x = dot(ph + i * d, pw + p.nodes[j] * d, d) + pb[p.nodes[j]];
        sum += nats(x, p.bits[j]);
      }
      out[i] = sum;
    }
  });
  return loss;
}

std::vector<Tensor> tree_loss_backward(Tensor h, Tensor head, Tensor bias, Tensor target, Tensor offsets,
                                       Tensor nodes, Tensor bits, Tensor dloss) {
  int64_t m = h.size(0), d = h.size(1), parts = at::get_num_threads();
  auto dh = torch::zeros_like(h), dw = torch::zeros({parts, head.size(0), d}), db = torch::zeros({parts, bias.size(0)});
  Paths p(offsets, nodes, bits);
  const int64_t* t = target.data_ptr<int64_t>();
  float *ph = ptr(h), *pw = ptr(head), *pb = ptr(bias), *pd = ptr(dloss), *gh = ptr(dh);
  at::parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; part++) {
      float *gw = ptr(dw) + part * head.size(0) * d, *gb = ptr(db) + part * bias.size(0);
      for (int64_t i = m * part / parts; i < m * (part + 1) / parts; i++)
        for (int64_t j = p.offsets[t[i]]; j < p.offsets[t[i] + 1]; j++) {
          int64_t n = p.nodes[j];
          float x = dot(ph + i * d, pw + n * d, d) + pb[n];
          float g = pd[i] * (1 / (1 + std::exp(-x)) - p.bits[j]);
          axpy(gh + i * d, g, pw + n * d, d);
          axpy(gw + n * d, g, ph + i * d, d);
          gb[n] += g;
        }
    }
  });
  return {dh, dw.sum(0), db.sum(0)};
}

// What a mixer makes of the network's logit x and of c, the contexts': gains[k] * x + gains[GROUPS + k] * c, where k is
// how certain the contexts are.
constexpr int GROUPS = 16, CERTAIN = -128;
constexpr float UNIT = 20.f / 256;

struct Mix {
  const float* gains;
  float x, c, logit;
  int group;
  Mix(const float* g, float x, int8_t c) : gains(g), x(x), c(c * UNIT), group(std::abs(c) * GROUPS / 128) {
    logit = g[group] * x + g[GROUPS + group] * this->c;
  }
};

// Of each token, the network's loss alone, and that of the mix. `start[i]` is where token i's entries of `beside` begin.
std::vector<Tensor> mixed_loss(Tensor h, Tensor head, Tensor bias, Tensor gains, Tensor target, Tensor start,
                               Tensor beside, Tensor offsets, Tensor nodes, Tensor bits) {
  int64_t m = h.size(0);
  int d = h.size(1);
  auto alone = torch::empty({m}), mixed = torch::empty({m});
  Paths p(offsets, nodes, bits);
  const int64_t *t = target.data_ptr<int64_t>(), *ps = start.data_ptr<int64_t>();
  const int8_t* pc = beside.data_ptr<int8_t>();
  float *ph = ptr(h), *pw = ptr(head), *pb = ptr(bias), *pg = ptr(gains), *oa = ptr(alone), *om = ptr(mixed);
  at::parallel_for(0, m, 64, [&](int64_t lo, int64_t hi) {
    for (int64_t i = lo; i < hi; i++) {
      float sum = 0, both = 0;
      const int8_t* c = pc + ps[i];
      for (int64_t j = p.offsets[t[i]]; j < p.offsets[t[i] + 1]; j++, c++) {
        float x = dot(ph + i * d, pw + p.nodes[j] * d, d) + pb[p.nodes[j]];
        sum += nats(x, p.bits[j]);
        if (*c != CERTAIN) both += nats(Mix(pg, x, *c).logit, p.bits[j]);
      }
      oa[i] = sum;
      om[i] = both;
    }
  });
  return {alone, mixed};
}

std::vector<Tensor> mixed_loss_backward(Tensor h, Tensor head, Tensor bias, Tensor gains, Tensor target, Tensor start,
                                        Tensor beside, Tensor offsets, Tensor nodes, Tensor bits, Tensor dalone,
                                        Tensor dmixed) {
  int64_t m = h.size(0), d = h.size(1), parts = at::get_num_threads();
  auto dh = torch::zeros_like(h), dw = torch::zeros({parts, head.size(0), d}), db = torch::zeros({parts, bias.size(0)});
  auto dg = torch::zeros({parts, 2 * GROUPS});
  Paths p(offsets, nodes, bits);
  const int64_t *t = target.data_ptr<int64_t>(), *ps = start.data_ptr<int64_t>();
  const int8_t* pc = beside.data_ptr<int8_t>();
  float *ph = ptr(h), *pw = ptr(head), *pb = ptr(bias), *pg = ptr(gains);
  float *pa = ptr(dalone), *pm = ptr(dmixed), *gh = ptr(dh);
  at::parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; part++) {
      float *gw = ptr(dw) + part * head.size(0) * d, *gb = ptr(db) + part * bias.size(0);
      float* gg = ptr(dg) + part * 2 * GROUPS;
      for (int64_t i = m * part / parts; i < m * (part + 1) / parts; i++) {
        const int8_t* c = pc + ps[i];
        for (int64_t j = p.offsets[t[i]]; j < p.offsets[t[i] + 1]; j++, c++) {
          int64_t n = p.nodes[j];
          float x = dot(ph + i * d, pw + n * d, d) + pb[n];
          float g = pa[i] * (1 / (1 + std::exp(-x)) - p.bits[j]);
          if (*c != CERTAIN) {
            Mix mix(pg, x, *c);
            float e = pm[i] * (1 / (1 + std::exp(-mix.logit)) - p.bits[j]);
            g += e * pg[mix.group];
            gg[mix.group] += e * x;
            gg[GROUPS + mix.group] += e * mix.c;
          }
          axpy(gh + i * d, g, pw + n * d, d);
          axpy(gw + n * d, g, ph + i * d, d);
          gb[n] += g;
        }
      }
    }
  });
  return {dh, dw.sum(0), db.sum(0), dg.sum(0)};
}

struct Trie {
  std::vector<std::array<int32_t, 256>> next;
  std::vector<int32_t> token;
  Trie(const std::string& blob, const std::vector<int64_t>& ends) {
    add_node();
    int64_t at = 0;
    for (size_t id = 0; id < ends.size(); id++) {
      int32_t node = 0;
      for (; at < ends[id]; at++) {
        uint8_t b = blob[at];
        if (next[node][b] < 0) { int32_t n = add_node(); next[node][b] = n; }
        node = next[node][b];
      }
      token[node] = id;
    }
  }
  int32_t add_node() {
    next.emplace_back();
    next.back().fill(-1);
    token.push_back(-1);
    return next.size() - 1;
  }
  Tensor cut(const std::string& text) const {
    std::vector<int32_t> out;
    for (size_t at = 0; at < text.size();) {
      int32_t node = 0, best = -1;
      size_t end = at;
      for (size_t i = at; i < text.size() && (node = next[node][(uint8_t)text[i]]) >= 0; i++)
        if (token[node] >= 0) { best = token[node]; end = i + 1; }
      out.push_back(best);
      at = end;
    }
    return torch::tensor(out, torch::kInt32);
  }
};

// A range coder of 32 bits for binary decisions, as `crates/dualcomp-entropy/src/range.rs` has it in principle: `ones[i]`
// is the probability of a 1 in 1/65536, from 1 to 65535.
struct Encoder {
  std::string out;
  uint64_t low = 0;
  uint32_t range = 0xFFFFFFFF;
  void code(uint32_t one, bool bit) {
    uint32_t bound = (range >> 16) * one;
    if (bit) range = bound;
    else { low += bound; range -= bound; }
    while (range < 1u << 24) { shift(); range <<= 8; }
  }
  void shift() {
    if (low >> 32)
      for (size_t i = out.size(); i-- > 0 && ++out[i] == 0;) {}
    out.push_back((char)(low >> 24));
    low = (low & 0xFFFFFF) << 8;
  }
};

pybind11::bytes encode(Tensor ones, Tensor bits) {
  Encoder e;
  const int32_t* p = ones.data_ptr<int32_t>();
  const bool* b = bits.data_ptr<bool>();
  for (int64_t i = 0; i < ones.numel(); i++) e.code(p[i], b[i]);
  for (int i = 0; i < 4; i++) e.shift();
  return pybind11::bytes(e.out);
}

Tensor decode(pybind11::bytes bytes, Tensor ones) {
  std::string in = bytes;
  size_t at = 0;
  auto next = [&] { return at < in.size() ? (uint8_t)in[at++] : 0u; };
  uint32_t range = 0xFFFFFFFF, code = 0;
  for (int i = 0; i < 4; i++) code = code << 8 | next();
  auto out = torch::empty(ones.sizes(), torch::kBool);
  const int32_t* p = ones.data_ptr<int32_t>();
  bool* b = out.data_ptr<bool>();
  for (int64_t i = 0; i < ones.numel(); i++) {
    uint32_t bound = (range >> 16) * p[i];
    if ((b[i] = code < bound)) range = bound;
    else { code -= bound; range -= bound; }
    while (range < 1u << 24) { code = code << 8 | next(); range <<= 8; }
  }
  return out;
}

}  // namespace

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.def("forward", &forward);
  m.def("backward", &backward);
  m.def("tree_loss", &tree_loss);
  m.def("tree_loss_backward", &tree_loss_backward);
  m.def("mixed_loss", &mixed_loss);
  m.def("mixed_loss_backward", &mixed_loss_backward);
  m.def("encode", &encode);
  m.def("decode", &decode);
  pybind11::class_<Trie>(m, "Trie")
      .def(pybind11::init([](pybind11::bytes b, std::vector<int64_t> e) { return new Trie(std::string(b), e); }))
      .def("cut", [](const Trie& t, pybind11::bytes b) { return t.cut(std::string(b)); });
}
